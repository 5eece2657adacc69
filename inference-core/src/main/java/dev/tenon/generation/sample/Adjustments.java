package dev.tenon.generation.sample;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.generation.Sampling;
import java.util.Arrays;
import java.util.Map;

/** Biases and penalties, which change the logits of a few tokens of a row and put them back afterwards. For one thread at a time. */
final class Adjustments {
    private static final int NONE = -1;

    private final int vocabulary;
    private final double repetition;
    private final double presence;
    private final double frequency;
    private final int window;
    private final int[] biased;
    private final double[] biases;

    /** A hash table of the tokens that penalties look at: indices of {@link #seen}. */
    private int[] slots = new int[0];

    private int[] seen = new int[0];
    private int[] generated = new int[0];
    private int distinct;

    /** Indices of the row that were changed; {@link #before} has their logits of before. */
    private int[] changed = new int[16];

    private float[] before = new float[16];
    private int changes;

    Adjustments(Sampling sampling, int vocabulary) {
        this.vocabulary = vocabulary;
        this.repetition = sampling.repetitionPenalty();
        this.presence = sampling.presencePenalty();
        this.frequency = sampling.frequencyPenalty();
        boolean penalties = repetition != 1 || presence != 0 || frequency != 0;
        this.window = penalties ? sampling.penaltyTokens() : 0;
        Map<Integer, Double> bias = sampling.bias();
        this.biased = bias.keySet().stream().mapToInt(Integer::intValue).toArray();
        this.biases = bias.values().stream().mapToDouble(Double::doubleValue).toArray();
        for (int token : biased) {
            if (token >= vocabulary) {
                throw new InvalidOptionException(
                        "Sampling.bias",
                        "token " + token,
                        "0 to " + (vocabulary - 1) + ", the tokens of the model",
                        null);
            }
        }
    }

    /**
     * Changes a row.
     *
     * @param logits holds the row
     * @param from the index of its first logit
     * @param tokens the tokens of the sequence
     * @param promptCount how many of them are the prompt
     * @param count how many there are
     */
    void apply(float[] logits, int from, int[] tokens, int promptCount, int count) {
        changes = 0;
        for (int i = 0; i < biased.length; i++) {
            put(logits, from + biased[i], logits[from + biased[i]] + biases[i]);
        }
        if (window == 0) {
            return;
        }
        int first = Math.max(0, count - window);
        look(tokens, first, promptCount, count);
        for (int i = 0; i < distinct; i++) {
            int at = from + seen[i];
            double logit = logits[at];
            logit = logit > 0 ? logit / repetition : logit * repetition;
            if (generated[i] > 0) {
                logit -= generated[i] * frequency + presence;
            }
            put(logits, at, logit);
        }
    }

    private void put(float[] logits, int at, double logit) {
        if (changes == changed.length) {
            changed = Arrays.copyOf(changed, 2 * changes);
            before = Arrays.copyOf(before, 2 * changes);
        }
        changed[changes] = at;
        before[changes++] = logits[at];
        logits[at] = (float) logit;
    }

    /** Puts the row back as it was. */
    void undo(float[] logits) {
        while (changes > 0) {
            changes--;
            logits[changed[changes]] = before[changes];
        }
    }

    /** Finds the distinct tokens of a range, and how often each was generated. */
    private void look(int[] tokens, int first, int promptCount, int count) {
        int room = Math.max(16, Integer.highestOneBit(Math.max(1, count - first)) << 2);
        if (slots.length < room) {
            slots = new int[room];
            seen = new int[room / 2];
            generated = new int[room / 2];
        }
        Arrays.fill(slots, NONE);
        distinct = 0;
        for (int i = first; i < count; i++) {
            int token = tokens[i];
            if (token >= 0 && token < vocabulary) {
                int index = index(token);
                if (i >= promptCount) {
                    generated[index]++;
                }
            }
        }
    }

    private int index(int token) {
        int mask = slots.length - 1;
        int slot = token * 0x9E3779B9 >>> 7 & mask;
        while (slots[slot] != NONE && seen[slots[slot]] != token) {
            slot = slot + 1 & mask;
        }
        if (slots[slot] == NONE) {
            slots[slot] = distinct;
            seen[distinct] = token;
            generated[distinct] = 0;
            distinct++;
        }
        return slots[slot];
    }
}
