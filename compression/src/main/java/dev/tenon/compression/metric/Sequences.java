package dev.tenon.compression.metric;

import dev.tenon.tensor.Tensor;
import java.util.List;

/** Metrics of texts, tokens and signals. */
public final class Sequences {
    private static final double DECIBELS = 10;

    private Sequences() {}

    /**
     * The least number of words to insert, delete and replace (Levenshtein, Binary Codes Capable of Correcting Deletions,
     * Insertions, and Reversals, 1966).
     *
     * @param reference the words that are right
     * @param found the words that were found
     * @return the number of edits
     */
    public static int edits(List<String> reference, List<String> found) {
        int[] row = new int[found.size() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= reference.size(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (reference.get(i - 1).equals(found.get(j - 1)) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[found.size()];
    }

    /**
     * The words of a text, between white space.
     *
     * @param text the text
     * @return its words
     */
    public static List<String> words(String text) {
        String stripped = text.strip();
        return stripped.isEmpty() ? List.of() : List.of(stripped.split("\\s+"));
    }

    /**
     * The word error rate: edits for each word of the references (NIST, sclite; Morris, Maier and Green, From WER and RIL to MER
     * and WIL, Interspeech 2004).
     *
     * @param references the texts that are right
     * @param found the texts that were found, in the same order
     * @return the rate, which may be more than 1; NaN without words
     */
    public static double wordErrorRate(List<String> references, List<String> found) {
        long edits = 0;
        long words = 0;
        for (int i = 0; i < references.size(); i++) {
            List<String> reference = words(references.get(i));
            edits += edits(reference, words(found.get(i)));
            words += reference.size();
        }
        return words == 0 ? Double.NaN : (double) edits / words;
    }

    /**
     * The perplexity: e to the mean negative logarithm of the probabilities of tokens (Jelinek, Mercer, Bahl and Baker,
     * Perplexity: a Measure of the Difficulty of Speech Recognition Tasks, JASA 62, 1977).
     *
     * @param results logits of [positions, tokens] for each sample. The label of a sample has the token of each position, or
     *     a negative number for one that does not count
     * @return the perplexity; NaN without tokens
     */
    public static double perplexity(Predictions results) {
        double sum = 0;
        long tokens = 0;
        for (int i = 0; i < results.size(); i++) {
            double[] labels = results.labels(i);
            int width = results.width(i);
            for (int position = 0; position < labels.length; position++) {
                if (labels[position] >= 0) {
                    sum += Classes.logLossOfLogits((int) labels[position], results.output(i), position * width, width);
                    tokens++;
                }
            }
        }
        return tokens == 0 ? Double.NaN : Math.exp(sum / tokens);
    }

    /**
     * The negative logarithms of the probabilities of the tokens of a sample, from which {@link #perplexityOfLosses} makes a
     * perplexity.
     *
     * @param logits the output of a sample, [positions, tokens]
     * @param labels the token of each position of each sample; a negative number for a position that does not count
     * @param sample the index of the sample in the labels
     * @return a loss for each position; 0 for one that does not count
     */
    public static Predictions.Row tokenLosses(Predictions.Row logits, Tensor labels, int sample) {
        int positions = logits.values().length / logits.width();
        double[] losses = new double[positions];
        for (int i = 0; i < positions; i++) {
            int label = (int) labels.getLong((long) sample * positions + i);
            losses[i] =
                    label < 0 ? 0 : Classes.logLossOfLogits(label, logits.values(), i * logits.width(), logits.width());
        }
        return new Predictions.Row(losses, 1);
    }

    /**
     * The perplexity of losses of tokens.
     *
     * @param results the {@link #tokenLosses} of each sample, with labels as in {@link #perplexity}
     * @return the perplexity; NaN without tokens
     */
    public static double perplexityOfLosses(Predictions results) {
        double sum = 0;
        long tokens = 0;
        for (int i = 0; i < results.size(); i++) {
            double[] losses = results.output(i);
            double[] labels = results.labels(i);
            for (int position = 0; position < labels.length; position++) {
                if (labels[position] >= 0) {
                    sum += losses[position];
                    tokens++;
                }
            }
        }
        return tokens == 0 ? Double.NaN : Math.exp(sum / tokens);
    }

    /**
     * The cosine of the angle between two vectors.
     *
     * @param a a vector
     * @param b another of this length
     * @return the cosine; 1 if both are zeros, 0 if one is
     */
    public static double cosine(double[] a, double[] b) {
        return cosine(dot(a, b), dot(a, a), dot(b, b));
    }

    /**
     * The cosine of the angle between two vectors.
     *
     * @param dot their product
     * @param a the square of the first
     * @param b the square of the second
     * @return the cosine; 1 if both are zeros, 0 if one is
     */
    public static double cosine(double dot, double a, double b) {
        if (a == 0 || b == 0) {
            return a == b ? 1 : 0;
        }
        return dot / Math.sqrt(a * b);
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /**
     * The ratio of signal to noise of a quantised signal: 10 log10 of the power of the signal over that of the error (Widrow and
     * Kollár, Quantization Noise, 2008).
     *
     * @param signal the signal
     * @param found what was found in its place
     * @return dB; infinite without error
     */
    public static double sqnr(double[] signal, double[] found) {
        double noise = 0;
        for (int i = 0; i < signal.length; i++) {
            noise += (signal[i] - found[i]) * (signal[i] - found[i]);
        }
        return sqnr(dot(signal, signal), noise);
    }

    /**
     * The ratio of signal to noise.
     *
     * @param signal the sum of squares of the signal
     * @param noise that of the error
     * @return dB; infinite without error
     */
    public static double sqnr(double signal, double noise) {
        return noise == 0 ? Double.POSITIVE_INFINITY : DECIBELS * Math.log10(signal / noise);
    }
}
