enum DeliveryStorePlaceholder {}
