package dev.tenon.benchmarks.results;

import dev.tenon.benchmarks.cases.Terms;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The gain of other terms: a line for each case that was measured with one of them as usual too. */
public final class TermsText {
    /** The usual values of parameters, and their names in the text. */
    private static final Map<String, String> USUAL = Map.of(
            Terms.PRECISION, Terms.STANDARD.precision().name(),
            Terms.NUMERICS, Terms.STANDARD.numerics().name(),
            Terms.CALL, Terms.STANDARD.call().name());

    private TermsText() {}

    /**
     * Writes the gains.
     *
     * @param comparisons the comparisons of a run
     * @return lines of text; empty if no case was measured on two terms
     */
    public static String lines(List<Comparison> comparisons) {
        StringBuilder text = new StringBuilder();
        for (Comparison c : comparisons) {
            for (String parameter : List.of(Terms.PRECISION, Terms.NUMERICS, Terms.CALL)) {
                comparisons.stream()
                        .filter(other -> isUsual(other, parameter)
                                && !isUsual(c, parameter)
                                && other.without(parameter).equals(c.without(parameter)))
                        .findFirst()
                        .ifPresent(other -> text.append(String.format(
                                Locale.ROOT,
                                "%n%s %s, %s: %s times as fast as %s",
                                c.benchmark().model(),
                                c.benchmark().sizes(),
                                ComparisonText.threads(c.benchmark().threads()),
                                ComparisonText.number(
                                        "%.2f", other.ours().min() / c.ours().min()),
                                name(parameter))));
            }
        }
        return text.isEmpty() ? "" : text.append(System.lineSeparator()).toString();
    }

    private static String name(String parameter) {
        return parameter.equals(Terms.CALL) ? Terms.STANDARD.call().id() : USUAL.get(parameter);
    }

    private static boolean isUsual(Comparison c, String parameter) {
        return USUAL.get(parameter).equals(c.parameters().get(parameter));
    }
}
