package dev.tenon.benchmarks.results;

import dev.tenon.Precision;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The gain of lower precision: a line for each case that was measured in float32 too. */
public final class PrecisionText {
    private static final String PRECISION = "precision";

    private PrecisionText() {}

    /**
     * Writes the gains.
     *
     * @param comparisons the comparisons of a run
     * @return lines of text; empty if no case was measured with two precisions
     */
    public static String lines(List<Comparison> comparisons) {
        StringBuilder text = new StringBuilder();
        for (Comparison c : comparisons) {
            comparisons.stream()
                    .filter(other ->
                            isFloat(other) && !isFloat(c) && others(other).equals(others(c)))
                    .findFirst()
                    .ifPresent(other -> text.append(String.format(
                            Locale.ROOT,
                            "%n%s %s, %s: %s times as fast as FP32",
                            c.benchmark().model(),
                            c.benchmark().sizes(),
                            ComparisonText.threads(c.benchmark().threads()),
                            ComparisonText.number(
                                    "%.2f", other.ours().min() / c.ours().min()))));
        }
        return text.isEmpty() ? "" : text.append(System.lineSeparator()).toString();
    }

    private static boolean isFloat(Comparison c) {
        return Precision.FP32.name().equals(c.parameters().get(PRECISION));
    }

    private static Map<String, String> others(Comparison c) {
        Map<String, String> others = new HashMap<>(c.parameters());
        others.remove(PRECISION);
        return others;
    }
}
