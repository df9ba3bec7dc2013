import CanaryJudge
import DeliveryAPI
import DeliveryModel
import RolloutEngine

extension StatusViews {
    /// What the judge could tell with the traffic that the live release gets: as many requests as lately, with the
    /// errors and latencies since the router's start.
    func forecast(_ snapshot: Monitor.Snapshot) throws -> JudgeForecast {
        guard let live = state.live, let record = state.releases[live] else {
            throw ProblemDetails(
                code: "nothing-live", title: "Nothing is live", status: 409,
                detail: "\(state.service) has no live release yet, so there is no traffic to tell from")
        }
        let measures = measures[live]
        let requests = Double(measures?.requests ?? 0)
        let traffic = Forecaster.Traffic(
            requestsPerSecond: snapshot.rates[state.service] ?? 0,
            errorRate: requests > 0 ? Double(measures?.bad ?? 0) / requests : 0,
            latency: measures?.latency.mapValues(Double.init) ?? [:])
        let configuration = JudgeConfiguration(record.specification, tickSeconds: JudgeDesk.tickLength.inSeconds)
        return Forecaster(configuration, traffic, dispersion: snapshot.dispersions[state.service]).forecast
    }
}
