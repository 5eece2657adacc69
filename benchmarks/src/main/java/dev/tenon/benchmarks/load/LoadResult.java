package dev.tenon.benchmarks.load;

/**
 * The result of one run of a load.
 *
 * @param name the engine
 * @param rate calls that arrive in a second
 * @param sent calls that were begun
 * @param failed calls that failed or were refused
 * @param p50 the median latency, in milliseconds from the time at which a call should have begun
 * @param p99 the 99th percentile
 * @param p999 the 99.9th percentile
 * @param goodput calls a second that ended within the objective; all that ended if there is none
 * @param callsARun calls that ran together on average
 */
record LoadResult(
        String name,
        double rate,
        long sent,
        long failed,
        double p50,
        double p99,
        double p999,
        double goodput,
        double callsARun) {
    /** Dollars for a million calls, where a machine costs so much an hour. */
    double dollarsAMillion(double priceAnHour) {
        return goodput <= 0 ? Double.NaN : priceAnHour / 3600 / goodput * 1e6;
    }
}
