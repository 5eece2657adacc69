package dev.tenon.formats.decoder;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The rotation of queries and keys: the pair i of a head at a position is rotated by the angle position * frequency i.
 *
 * @param interleaved whether two neighbours make a pair; otherwise an element of the first half and one of the second do
 * @param frequencies the frequency of each pair
 */
record Rope(boolean interleaved, List<Double> frequencies) {
    /** The base of frequencies unless a model says another one. */
    static final double BASE = 1e4;

    /** Copies the list. */
    Rope {
        frequencies = List.copyOf(frequencies);
    }

    /** The frequencies {@code base^(-2i / width)} for the first elements of a head. */
    static Rope of(boolean interleaved, double base, long width) {
        return new Rope(
                interleaved,
                IntStream.range(0, (int) width / 2)
                        .mapToObj(i -> Math.pow(base, -2.0 * i / width))
                        .toList());
    }

    /** Frequencies for positions that are divided by a factor. */
    Rope stretched(double factor) {
        return new Rope(interleaved, frequencies.stream().map(f -> f / factor).toList());
    }

    /** Frequencies that are divided by factors, one each. */
    Rope dividedBy(double[] factors) {
        return new Rope(
                interleaved,
                IntStream.range(0, factors.length)
                        .mapToObj(i -> frequencies.get(i) / factors[i])
                        .toList());
    }

    /**
     * The frequencies of Llama 3: those whose waves are longer than the first context divided by {@code low} are divided by the
     * factor, those that are shorter than it divided by {@code high} stay, and between them there is a line.
     */
    Rope llama3(double factor, double low, double high, double firstContext) {
        return new Rope(
                interleaved,
                frequencies.stream()
                        .map(f -> {
                            double waves = firstContext * f / (2 * Math.PI);
                            double kept = Math.clamp((waves - low) / (high - low), 0.0, 1.0);
                            return (1 - kept) * f / factor + kept * f;
                        })
                        .toList());
    }
}
