package dev.tenon.embedding;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * How the vectors of tokens become one vector, as in sentence-transformers. Special tokens count; padding does not. Sums are
 * computed in double.
 */
public enum Pooling {
    /** The vector of the first token. */
    CLS("cls", "pooling_mode_cls_token") {
        @Override
        void pool(Row row, double[] to, int at) {
            copy(row, 0, to, at);
        }
    },
    /** The largest number of each dimension. */
    MAX("max", "pooling_mode_max_tokens") {
        @Override
        void pool(Row row, double[] to, int at) {
            if (row.from < row.tokens) {
                copy(row, row.from, to, at);
            }
            for (int token = row.from; token < row.tokens; token++) {
                for (int i = 0; i < row.width; i++) {
                    to[at + i] = Math.max(to[at + i], row.get(token, i));
                }
            }
        }
    },
    /** The mean. */
    MEAN("mean", "pooling_mode_mean_tokens") {
        @Override
        void pool(Row row, double[] to, int at) {
            weigh(row, to, at, token -> 1, row.tokens - row.from);
        }
    },
    /** The sum over the square root of the number of tokens. */
    MEAN_SQRT_LEN("mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens") {
        @Override
        void pool(Row row, double[] to, int at) {
            weigh(row, to, at, token -> 1, Math.sqrt(row.tokens - row.from));
        }
    },
    /** The mean in which a token counts as much as its place, from 1 on (Muennighoff, SGPT, 2022). */
    WEIGHTED_MEAN("weightedmean", "pooling_mode_weightedmean_tokens") {
        @Override
        void pool(Row row, double[] to, int at) {
            double weights = 0.5 * row.tokens * (row.tokens + 1.0) - 0.5 * row.from * (row.from + 1.0);
            weigh(row, to, at, token -> token + 1, weights);
        }
    },
    /** The vector of the last token. */
    LAST_TOKEN("lasttoken", "pooling_mode_lasttoken") {
        @Override
        void pool(Row row, double[] to, int at) {
            if (row.from < row.tokens) {
                copy(row, row.tokens - 1, to, at);
            }
        }
    };

    /**
     * The vectors of the tokens of a text.
     *
     * @param states the numbers of a batch, row-major
     * @param start where those of the text start
     * @param width the numbers of a token
     * @param from the first token that counts, where a prompt does not
     * @param tokens the number of tokens
     */
    record Row(float[] states, int start, int width, int from, int tokens) {
        float get(int token, int dimension) {
            return states[start + token * width + dimension];
        }
    }

    /** The weight of a token. */
    private interface Weight {
        double of(int token);
    }

    private final String mode;
    private final String flag;

    Pooling(String mode, String flag) {
        this.mode = mode;
        this.flag = flag;
    }

    /** Adds the vector of a text to zeros. */
    abstract void pool(Row row, double[] to, int at);

    private static void copy(Row row, int token, double[] to, int at) {
        for (int i = 0; i < row.width; i++) {
            to[at + i] = row.get(token, i);
        }
    }

    private static void weigh(Row row, double[] to, int at, Weight weight, double divisor) {
        for (int token = row.from; token < row.tokens; token++) {
            double w = weight.of(token) / divisor;
            for (int i = 0; i < row.width; i++) {
                to[at + i] += w * row.get(token, i);
            }
        }
    }

    /** The names of all modes in files: new files name a mode, older ones have a flag for each. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Pooling pooling : values()) {
            names.add(pooling.mode);
        }
        for (Pooling pooling : values()) {
            names.add(pooling.flag);
        }
        return names;
    }

    /** The poolings of names in files. */
    static Set<Pooling> of(List<String> names) {
        Set<Pooling> found = EnumSet.noneOf(Pooling.class);
        for (Pooling pooling : values()) {
            if (names.contains(pooling.mode) || names.contains(pooling.flag)) {
                found.add(pooling);
            }
        }
        return found;
    }
}
