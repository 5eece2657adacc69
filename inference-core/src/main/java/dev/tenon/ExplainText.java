package dev.tenon;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Describes a model and how its graph was optimised, as text. */
final class ExplainText {
    /** The number of nodes that are named for each rule and reason. Further nodes are counted. */
    private static final int NAMED = 3;

    private ExplainText() {}

    static String print(Model model, Graph asRun, RewriteTrace trace) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%d nodes as read, %d as run%n",
                model.graph().nodes().size(),
                asRun.nodes().size()));
        model.inputs().forEach(input -> text.append("input ").append(input).append('\n'));
        model.optionalInputs()
                .forEach(input -> text.append("input ").append(input).append(", optional\n"));
        model.outputs().forEach(output -> text.append("output ").append(output).append('\n'));
        parameters(model.graph(), text);
        return text.append(print("rewrite %s fired", trace)).toString();
    }

    /**
     * The rewrites of a trace: a line for each rule that fired, then a line for each rule that nearly fired and its
     * reason.
     *
     * @param form the format of a rule that fired, with {@code %s} for its name
     */
    static String print(String form, RewriteTrace trace) {
        StringBuilder text = new StringBuilder();
        rewrites(form, trace, text);
        return text.toString();
    }

    private static void parameters(Graph graph, StringBuilder text) {
        long elements = 0;
        long bytes = 0;
        for (Value v : graph.constants()) {
            elements += v.constant().size();
            bytes += v.constant().dtype() == DType.STRING ? 0 : v.constant().byteSize();
        }
        text.append(String.format(
                Locale.ROOT,
                "%,d parameters in %d constants, %,d bytes%n",
                elements,
                graph.constants().size(),
                bytes));
    }

    private static void rewrites(String form, RewriteTrace trace, StringBuilder text) {
        Map<String, List<String>> fired = new LinkedHashMap<>();
        trace.fired()
                .forEach(f -> fired.computeIfAbsent(f.rule(), rule -> new ArrayList<>())
                        .add(place(f.node(), f.graph())));
        fired.forEach(
                (rule, nodes) -> line(text, String.format(Locale.ROOT, form, rule), trace.count(rule), nodes, ""));
        Map<String, List<String>> missed = new LinkedHashMap<>();
        trace.nearMisses()
                .forEach(m -> missed.computeIfAbsent(m.rule() + "\n" + m.reason(), key -> new ArrayList<>())
                        .add(place(m.node(), m.graph())));
        missed.forEach((key, nodes) -> {
            String[] ruleAndReason = key.split("\n", 2);
            line(text, "near miss of " + ruleAndReason[0], nodes.size(), nodes, ": " + ruleAndReason[1]);
        });
        trace.notes().forEach(note -> text.append(note).append('\n'));
    }

    private static String place(String node, String graph) {
        return graph.isEmpty() ? node : node + " in " + graph;
    }

    private static void line(StringBuilder text, String rule, int count, List<String> nodes, String reason) {
        text.append(rule).append(' ').append(count).append(count == 1 ? " time at " : " times at ");
        text.append(String.join(", ", nodes.subList(0, Math.min(NAMED, nodes.size()))));
        if (count > NAMED) {
            text.append(" and ").append(count - NAMED).append(" more");
        }
        text.append(reason).append('\n');
    }
}
