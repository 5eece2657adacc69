package dev.tenon.formats.onnx;

import dev.tenon.graph.Value;
import dev.tenon.graph.control.ControlOps;
import dev.tenon.op.CoreOps;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How each operator of each version of the standard's sets becomes canonical: a line an operator and range of versions.
 * An operator that has no line is taken as it is, if the operators that were handed in have it; so is one that a caller
 * put in the place of the standard's own.
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

    /** The operators that the lines are made for. */
    private static final OpSet STANDARD = CoreOps.set().plus(ControlOps.set());

    private OnnxTable() {}

    private static Map<String, List<Line>> lines() {
        Map<String, List<Line>> lines = new HashMap<>();
        Sink table = (domain, name, first, last, lowering) ->
                lines.computeIfAbsent(key(domain, name), k -> new ArrayList<>()).add(new Line(first, last, lowering));
        addAll(table);
        return lines;
    }

    /** Hands all lines over, those of one operator in the order of versions. */
    static void addAll(Sink table) {
        OnnxLines.add(table);
        ExperimentalLines.add(table);
        MicrosoftLines.add(table);
        TabularLines.add(table);
        table.line(FlexAttention.DOMAIN, "FlexAttention", 1, NEWEST, FlexAttention::lower);
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
        List<Line> lines = LINES.getOrDefault(key(domain, name), List.of());
        OpDefinition<?> entry = operators.find(domain, name);
        if (entry != null
                && version >= entry.since()
                && (lines.isEmpty() || !entry.equals(STANDARD.find(domain, name)))) {
            return NodeLowering::unchanged;
        }
        for (Line line : lines) {
            if (version >= line.first && version <= line.last) {
                return line.lowering;
            }
        }
        return null;
    }

    /** The version since which an operator of the main domain has its canonical form; 0 if it is not in the table. */
    static int canonicalSince(String name) {
        return LINES.getOrDefault(key("", name), List.of()).stream()
                .filter(line -> line.last == NEWEST)
                .mapToInt(Line::first)
                .max()
                .orElse(0);
    }

    /** The version since which an operator of another domain has its canonical form; 1 if it is not in the table. */
    static long canonicalSince(String domain, String name) {
        return LINES.getOrDefault(key(domain, name), List.of()).stream()
                .mapToLong(Line::first)
                .max()
                .orElse(1);
    }

    static boolean isKnown(String domain, String name) {
        return LINES.containsKey(key(domain, name));
    }

    /** The versions in which an operator can be read, or null if it can't in any. */
    static String versions(String domain, String name, OpSet operators) {
        OpDefinition<?> entry = operators.find(domain, name);
        if (!isKnown(domain, name)) {
            return entry == null ? null : "versions " + entry.since() + " and above";
        }
        int first = NEWEST;
        int last = 1;
        for (Line line : LINES.get(key(domain, name))) {
            first = Math.min(first, line.first);
            last = Math.max(last, line.last);
        }
        return "versions " + first + " to " + last;
    }
}
