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

/** A session as text: what the model is and how its graph was optimised. */
final class ExplainText {
    /** Nodes that are named for each rule and each reason; more are counted. */
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
                .forEach(input -> text.append("input ").append(input).append(", with a value of its own\n"));
        model.outputs().forEach(output -> text.append("output ").append(output).append('\n'));
        parameters(model.graph(), text);
        return text.append(print("rewrite %s fired", trace)).toString();
    }

    /**
     * A line for all that fired by one name, then one for all near misses by one name for one reason.
     *
     * @param form says that something fired, with {@code %s} for its name
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

    private static void line(StringBuilder text, String what, int count, List<String> nodes, String behind) {
        text.append(what).append(' ').append(count).append(count == 1 ? " time at " : " times at ");
        text.append(String.join(", ", nodes.subList(0, Math.min(NAMED, nodes.size()))));
        if (count > NAMED) {
            text.append(" and ").append(count - NAMED).append(" more");
        }
        text.append(behind).append('\n');
    }
}
