package dev.tenon.formats.onnx;

import dev.tenon.graph.Value;
import dev.tenon.op.OpSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How each operator of each version of the standard's sets becomes canonical: a line an operator and range of versions.
 * An operator of another domain that has no line is taken as it is, if the operators that were handed in have it.
 */
final class OnnxTable {
    /** The newest version of the main operator set: the one that canonical operators are of. */
    static final int NEWEST = 28;

    /** Makes a node of the file canonical. */
    @FunctionalInterface
    interface Lowering {
        /**
         * Lowers.
         *
         * @param node the node
         * @return a value for each output of the node, null for those left out
         */
        List<Value> lower(NodeLowering node);
    }

    private record Line(int first, int last, Lowering lowering) {}

    private static final Map<String, List<Line>> LINES = lines();

    private OnnxTable() {}

    private static Map<String, List<Line>> lines() {
        Map<String, List<Line>> lines = new HashMap<>();
        Sink table = (domain, name, first, last, lowering) ->
                lines.computeIfAbsent(key(domain, name), k -> new ArrayList<>()).add(new Line(first, last, lowering));
        OnnxLines.add(table);
        MicrosoftLines.add(table);
        TabularLines.add(table);
        return lines;
    }

    /** Takes the lines of the table. */
    @FunctionalInterface
    interface Sink {
        /**
         * Adds a line.
         *
         * @param domain the domain, empty for the main one
         * @param name the operator
         * @param first the first version of its set for which the line holds
         * @param last the last one
         * @param lowering how it becomes canonical
         */
        void line(String domain, String name, int first, int last, Lowering lowering);
    }

    private static String key(String domain, String name) {
        return domain + "::" + name;
    }

    /** How an operator of a version is lowered, or null if there is no way. */
    static Lowering find(String domain, String name, long version, OpSet operators) {
        List<Line> lines = LINES.get(key(domain, name));
        if (lines != null) {
            for (Line line : lines) {
                if (version >= line.first && version <= line.last) {
                    return line.lowering;
                }
            }
            return null;
        }
        boolean custom = operators.find(domain, name) != null;
        return custom ? NodeLowering::unchanged : null;
    }

    /** The version since which an operator of the main domain has its canonical form; 0 if it is not in the table. */
    static int canonicalSince(String name) {
        return LINES.getOrDefault(key("", name), List.of()).stream()
                .filter(line -> line.last == NEWEST)
                .mapToInt(Line::first)
                .max()
                .orElse(0);
    }

    static boolean isKnown(String domain, String name) {
        return LINES.containsKey(key(domain, name));
    }

    static String versions(String domain, String name) {
        int first = NEWEST;
        int last = 1;
        for (Line line : LINES.get(key(domain, name))) {
            first = Math.min(first, line.first);
            last = Math.max(last, line.last);
        }
        return "versions " + first + " to " + last;
    }
}
