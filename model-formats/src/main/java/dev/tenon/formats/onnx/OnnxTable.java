package dev.tenon.formats.onnx;

import dev.tenon.formats.onnx.LineList.Line;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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

    private static final Map<String, List<Line>> LINES = new ConcurrentHashMap<>();

    /** The operators that the lines are made for. */
    private static final OpSet STANDARD = StandardOperators.set();

    private OnnxTable() {}

    /** The lines of all operators, those of one operator in the order of versions. */
    static List<Line> all() {
        return read(LineList.ofAll());
    }

    private static List<Line> lines(String domain, String name) {
        String key = domain + "::" + name;
        List<Line> lines = LINES.get(key);
        if (lines == null) {
            lines = read(LineList.of(domain, name));
            if (!lines.isEmpty()) {
                LINES.put(key, lines);
            }
        }
        return lines;
    }

    private static List<Line> read(LineList list) {
        if (list.in("", NEWEST)) {
            OnnxLines.add(list);
            ExperimentalLines.add(list);
            // Models of a runtime's own optimiser have it in the main domain too.
            if (list.asks("SimplifiedLayerNormalization")) list.line(1, MicrosoftLines::rootMeanSquare);
        }
        if (list.in(MicrosoftLines.DOMAIN, NEWEST)) MicrosoftLines.add(list);
        if (list.in(TabularLines.DOMAIN, TabularLines.NEWEST)) TabularLines.add(list);
        if (list.in(FlexAttention.DOMAIN, NEWEST)) FlexAttention.add(list);
        return list.lines();
    }

    /** How an operator of a version is lowered, or null if there is no way. */
    static Lowering find(String domain, String name, long version, OpSet operators) {
        List<Line> lines = lines(domain, name);
        if (lines.isEmpty() || !isStandard(operators)) {
            OpDefinition<?> entry = operators.find(domain, name).orElse(null);
            if (entry != null && version >= entry.since() && (lines.isEmpty() || !isStandard(entry, domain, name))) {
                return NodeLowering::unchanged;
            }
        }
        for (Line line : lines) {
            if (version >= line.first() && version <= line.last()) {
                return line.lowering();
            }
        }
        return null;
    }

    /** Whether a set is the very one that the lines are made for: then no entry takes the place of another. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isStandard(OpSet operators) {
        return operators == STANDARD;
    }

    /** Whether an entry is the very one that the lines are made for. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isStandard(OpDefinition<?> entry, String domain, String name) {
        return entry == STANDARD.find(domain, name).orElse(null);
    }

    /** The version since which an operator of the main domain has its canonical form; 0 if it is not in the table. */
    static int canonicalSince(String name) {
        return lines("", name).stream()
                .filter(line -> line.last() == NEWEST)
                .mapToInt(Line::first)
                .max()
                .orElse(0);
    }

    /** The version since which an operator of another domain has its canonical form; 1 if it is not in the table. */
    static long canonicalSince(String domain, String name) {
        return lines(domain, name).stream().mapToLong(Line::first).max().orElse(1);
    }

    static boolean isKnown(String domain, String name) {
        return !lines(domain, name).isEmpty();
    }

    /** The versions in which an operator can be read, or null if it can't in any. */
    static String versions(String domain, String name, OpSet operators) {
        OpDefinition<?> entry = operators.find(domain, name).orElse(null);
        if (!isKnown(domain, name)) {
            return entry == null ? null : "versions " + entry.since() + " and above";
        }
        int first = NEWEST;
        int last = 1;
        for (Line line : lines(domain, name)) {
            first = Math.min(first, line.first());
            last = Math.max(last, line.last());
        }
        return "versions " + first + " to " + last;
    }
}
