package dev.tenon.statistics;

/** Limits for counts of events that should be rare. */
public final class RareEvents {
    private RareEvents() {}

    /**
     * The least count that has at most a given probability, where each of some observations is an event on its own
     * (binomial distribution).
     *
     * @param observations the number of observations, at least 1
     * @param share the probability of an event, 0 to 1
     * @param probability the probability of the count or a larger one
     * @return the count, which exceeds the observations by one if no count is so unlikely
     */
    public static int limit(int observations, double share, double probability) {
        if (share <= 0) {
            return 1;
        }
        if (share >= 1) {
            return observations + 1;
        }
        double odds = Math.log(share) - Math.log1p(-share);
        // The logarithm of the probability of a count, from the largest one downwards.
        double log = observations * Math.log(share);
        double tail = 0;
        int count = observations;
        while (count >= 0) {
            tail += Math.exp(log);
            if (tail > probability) {
                return count + 1;
            }
            log += Math.log(count) - Math.log((double) observations - count + 1) - odds;
            count--;
        }
        return 1;
    }

    /**
     * The least count of observations beyond the largest of a reference that has at most a given probability, if both
     * come from one continuous distribution. The {@code k} largest of all are in the window with a probability of at most
     * {@code (n / (n + m))^k}.
     *
     * @param reference the size m of the reference
     * @param window the size n of the window
     * @param probability the probability, more than 0
     * @return the count
     */
    public static int beyondLargest(int reference, int window, double probability) {
        double share = (double) window / ((double) window + reference);
        return (int) Math.ceil(Math.log(probability) / Math.log(share));
    }

    /**
     * A share that the mass of categories which a reference lacks exceeds with about a given probability: the estimate of
     * Good and Turing, the share of categories that occur once, raised by its deviation.
     *
     * @param once the number of categories that occur once in the reference
     * @param reference the size of the reference
     * @param probability the probability
     * @return the share
     */
    public static double unseenMass(int once, int reference, double probability) {
        double x = -Math.log(probability);
        return Math.min(1, (once + Math.sqrt(2.0 * (once + 1) * x) + x) / reference);
    }

    /**
     * The lower end of the interval of Wilson for a share.
     *
     * @param events the number of events
     * @param observations the number of observations, at least 1
     * @param deviations the width in standard deviations
     * @return the share
     */
    public static double atLeast(long events, long observations, double deviations) {
        double n = observations;
        double p = events / n;
        double z = deviations * deviations;
        double middle = p + z / (2 * n);
        double width = deviations * Math.sqrt(p * (1 - p) / n + z / (4 * n * n));
        return Math.max(0, (middle - width) / (1 + z / n));
    }
}
