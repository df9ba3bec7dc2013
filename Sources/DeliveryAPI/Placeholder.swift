enum DeliveryAPIPlaceholder {}
