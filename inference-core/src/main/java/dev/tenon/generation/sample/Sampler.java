package dev.tenon.generation.sample;

import dev.tenon.generation.InvalidLogitsException;
import dev.tenon.generation.Sampling;
import dev.tenon.generation.TokenProbability;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Chooses the tokens of one sequence, as {@link Sampling} describes it. A choice is a function of its arguments, the options and the
 * seed alone: nothing is kept from one to the next but room. For one thread at a time.
 */
public final class Sampler {
    /** How many tokens are passed over together if even the largest of their logits is too small. */
    private static final int STRIDE = 64;

    private final Sampling sampling;
    private final long seed;
    private final int vocabulary;
    private final Adjustments adjustments;
    private final Weights weights = new Weights();
    private final double[] sums;

    /** Null if no tokens are left out by it. */
    private final Cut cut;

    /** The largest logit of each stride of the row. */
    private final float[] tops;

    /** The tokens that are left, in the order of their ids, and their logits. */
    private int[] ids = new int[0];

    private float[] kept = new float[0];
    private int size;

    /**
     * Makes a sampler.
     *
     * @param sampling the options; their seed does not count
     * @param seed the seed of all random numbers
     * @param vocabulary the number of tokens, which is the length of a row of logits, at least 1
     * @throws dev.tenon.error.InvalidOptionException if a token with a bias is none of the model
     */
    public Sampler(Sampling sampling, long seed, int vocabulary) {
        this.sampling = sampling;
        this.seed = seed;
        this.vocabulary = vocabulary;
        this.adjustments = new Adjustments(sampling, vocabulary);
        boolean cuts = sampling.topP() < 1 || sampling.topK().orElse(vocabulary) < vocabulary;
        this.cut = cuts && !sampling.isGreedy() ? new Cut() : null;
        this.tops = new float[Math.ceilDiv(vocabulary, STRIDE)];
        this.sums = new double[Math.ceilDiv(vocabulary, Weights.BLOCK)];
    }

    /**
     * Chooses a token.
     *
     * @param logits holds the logits, which change and are put back meanwhile
     * @param from the index of the logit of token 0
     * @param tokens the tokens of the sequence so far, of which penalties look at the last ones; ids that no token has don't count
     * @param promptCount how many of them are the prompt
     * @param count how many there are
     * @param position the position of the chosen token in its sequence, which decides its random number
     * @return the token
     * @throws InvalidLogitsException if a logit is NaN or positive infinity, or all are negative infinity
     */
    public Choice choose(float[] logits, int from, int[] tokens, int promptCount, int count, int position) {
        Objects.checkFromIndexSize(from, vocabulary, logits.length);
        Objects.checkFromToIndex(0, count, tokens.length);
        Objects.checkFromToIndex(0, promptCount, count);
        int token;
        adjustments.apply(logits, from, tokens, promptCount, count);
        try {
            float max = max(logits, from, position);
            token = sampling.isGreedy() ? first(logits, from, max) : draw(logits, from, max, position);
        } finally {
            adjustments.undo(logits);
        }
        return sampling.logProbabilities().isEmpty()
                ? new Choice(token, Float.NaN, List.of())
                : told(logits, from, token, position);
    }

    /** The largest logit of a row. It is NaN if one is. */
    private float max(float[] logits, int from, int position) {
        float max = Float.NEGATIVE_INFINITY;
        for (int s = 0; s < tops.length; s++) {
            float top = Float.NEGATIVE_INFINITY;
            int end = from + Math.min(vocabulary, (s + 1) * STRIDE);
            for (int i = from + s * STRIDE; i < end; i++) {
                top = Math.max(top, logits[i]);
            }
            tops[s] = top;
            max = Math.max(max, top);
        }
        if (max < Float.POSITIVE_INFINITY && max > Float.NEGATIVE_INFINITY) {
            return max;
        }
        String found = "all tokens have -Infinity";
        if (max != Float.NEGATIVE_INFINITY) {
            int at = from;
            while (Float.compare(logits[at], max) != 0) {
                at++;
            }
            found = "token " + (at - from) + " has " + max;
        }
        throw new InvalidLogitsException(
                "logits of the token at position " + position,
                found,
                "numbers, and -Infinity for some",
                "look at the model's numbers with Precision.FLOAT32, and at Sampling.bias");
    }

    private int first(float[] logits, int from, float value) {
        int stride = 0;
        while (tops[stride] != value) {
            stride++;
        }
        int at = from + stride * STRIDE;
        while (logits[at] != value) {
            at++;
        }
        return at - from;
    }

    private int draw(float[] logits, int from, float max, int position) {
        weights.set(max, sampling.temperature());
        double uniform = PositionRandom.uniform(seed, position);
        if (!restrict(logits, from, max)) {
            return pick(logits, from, vocabulary, uniform);
        }
        return ids[pick(kept, 0, size, uniform)];
    }

    /** Leaves tokens out. Tells whether it did; otherwise all of the row are left. */
    private boolean restrict(float[] logits, int from, float max) {
        boolean some = false;
        int most = sampling.topK().orElse(vocabulary);
        if (most < vocabulary) {
            keepLargest(logits, from, most);
            some = true;
        }
        double part = sampling.topP();
        if (part < 1) {
            double sum = some ? sum(kept, 0, size) : sum(logits, from, vocabulary);
            if (!some) {
                // All weights below this one sum to less than half of what is left out.
                gather(logits, from, bound(max, (1 - part) * sum / vocabulary / 2));
            }
            cut.byWeight(kept, size, weights, part * sum);
            keepToCut();
            some = true;
        }
        if (sampling.minP() > 0) {
            if (!some) {
                gather(logits, from, bound(max, sampling.minP()));
            }
            keepFrom(StrictMath.log(sampling.minP()));
            some = true;
        }
        return some;
    }

    /** A logit below all whose weight is at least some number. */
    private float bound(float max, double weight) {
        return Math.nextDown((float) (max + StrictMath.log(weight) * sampling.temperature()));
    }

    /** As many strides as tokens are wanted have one at least that is as large as the smallest of their largest. */
    private void keepLargest(float[] logits, int from, int most) {
        float least = Float.NEGATIVE_INFINITY;
        if (most <= tops.length) {
            cut.byCount(tops, tops.length, most);
            least = cut.value();
        }
        gather(logits, from, least);
        cut.byCount(kept, size, most);
        keepToCut();
    }

    private void gather(float[] logits, int from, float least) {
        size = 0;
        for (int s = 0; s < tops.length; s++) {
            if (tops[s] >= least) {
                int end = Math.min(vocabulary, (s + 1) * STRIDE);
                for (int i = s * STRIDE; i < end; i++) {
                    if (logits[from + i] >= least) {
                        keep(i, logits[from + i]);
                    }
                }
            }
        }
    }

    private void keepToCut() {
        float value = cut.value();
        int ties = cut.ties();
        int count = size;
        size = 0;
        for (int i = 0; i < count; i++) {
            if (kept[i] > value || kept[i] == value && ties-- > 0) {
                keep(ids[i], kept[i]);
            }
        }
    }

    private void keepFrom(double least) {
        int count = size;
        size = 0;
        for (int i = 0; i < count; i++) {
            if (weights.exponent(kept[i]) >= least) {
                keep(ids[i], kept[i]);
            }
        }
    }

    private void keep(int id, float logit) {
        if (size == ids.length) {
            int room = Math.max(64, 2 * size);
            ids = Arrays.copyOf(ids, room);
            kept = Arrays.copyOf(kept, room);
        }
        ids[size] = id;
        kept[size++] = logit;
    }

    /** The index of the logit at which the sum of weights passes a part of the whole. Never one whose weight is 0. */
    private int pick(float[] logits, int from, int count, double uniform) {
        int blocks = Math.ceilDiv(count, Weights.BLOCK);
        double goal = uniform * sum(logits, from, count);
        double sum = 0;
        int block = 0;
        double before = 0;
        for (int b = 0; b < blocks; b++) {
            if (sums[b] > 0) {
                block = b;
                before = sum;
                sum += sums[b];
                if (goal < sum) {
                    break;
                }
            }
        }
        int first = block * Weights.BLOCK;
        int length = Math.min(Weights.BLOCK, count - first);
        double[] of = weights.of(logits, from + first, length);
        sum = before;
        int last = 0;
        for (int i = 0; i < length; i++) {
            if (of[i] > 0) {
                last = i;
                sum += of[i];
                if (goal < sum) {
                    break;
                }
            }
        }
        return first + last;
    }

    private double sum(float[] logits, int from, int count) {
        double all = 0;
        for (int b = 0, i = 0; i < count; b++, i += Weights.BLOCK) {
            sums[b] = weights.sum(logits, from + i, Math.min(Weights.BLOCK, count - i));
            all += sums[b];
        }
        return all;
    }

    /** Tells the log-probabilities of the row as it is. */
    private Choice told(float[] logits, int from, int token, int position) {
        float max = max(logits, from, position);
        weights.set(max, 1);
        double log = max + StrictMath.log(sum(logits, from, vocabulary));
        int[] best = best(logits, from, Math.min(sampling.logProbabilities().orElse(0), vocabulary));
        TokenProbability[] top = new TokenProbability[best.length];
        for (int i = 0; i < best.length; i++) {
            top[i] = new TokenProbability(best[i], (float) (logits[from + best[i]] - log));
        }
        return new Choice(token, (float) (logits[from + token] - log), List.of(top));
    }

    /** The tokens with the largest logits, best first. */
    private int[] best(float[] logits, int from, int count) {
        int[] best = new int[count];
        int found = 0;
        for (int i = 0; i < vocabulary && count > 0; i++) {
            if (found == count && i % STRIDE == 0 && !(tops[i / STRIDE] > logits[from + best[count - 1]])) {
                i += STRIDE - 1;
                continue;
            }
            float logit = logits[from + i];
            if (found == count && !(logit > logits[from + best[count - 1]])) {
                continue;
            }
            int at = found < count ? found++ : count - 1;
            while (at > 0 && logit > logits[from + best[at - 1]]) {
                best[at] = best[at - 1];
                at--;
            }
            best[at] = i;
        }
        return best;
    }
}
