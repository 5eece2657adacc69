package dev.tenon.graph.rules;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Texts of graphs that differ from a graph in one thing: the type of an input, a dimension, a rank, an attribute, an element
 * of a constant or its shape, an operand, or who uses a value. Some of them are no graphs.
 */
final class NearMisses {
    private static final List<String> TYPES = List.of("f32", "f64", "f16", "i64", "i32", "u8", "i8");

    /** What nodes of some operators may say besides. */
    private static final Map<String, List<String>> MORE = Map.of(
            "QuantizeLinear", List.of("axis=0", "block_size=1", "block_size=2", "precision=10", "precision=11"),
            "DequantizeLinear", List.of("axis=0", "block_size=1", "block_size=2"),
            "Gemm", List.of("alpha=2.0f", "beta=2.0f", "transA=1", "transB=1"),
            "Conv", List.of("dilations=[2]", "dilations=[2, 2]", "strides=[2, 2]", "pads=[0, 1, 0, 1]"),
            "MaxPool", List.of("dilations=[2]", "dilations=[2, 2]", "ceil_mode=1", "strides=[2]"),
            "AveragePool", List.of("dilations=[2, 2]", "ceil_mode=1", "count_include_pad=1"));

    /** As many numbers of a list are changed, the last one besides. */
    private static final int NUMBERS = 3;

    private static final Pattern INPUT = Pattern.compile("%([\\w.]+): (\\w+)\\[([^\\]]*)]");
    private static final Pattern CONSTANT = Pattern.compile("%([\\w.]+) = const (\\w+)\\[([\\d,]*)] \\{(.*)}");
    private static final Pattern REFERENCE = Pattern.compile("%([\\w.]+) = const (\\w+)\\[([\\d,]*)] @.*");
    private static final Pattern NODE = Pattern.compile("(%[^=]*) = ([\\w.]+)(<.*>)?\\((.*)\\)(?: \".*\")?");
    private static final Pattern RESULT = Pattern.compile("%([\\w.]+)(?=[:,]|$)");
    private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)=(\\[[^\\]]*]|\"[^\"]*\"|[^,>\\[\\]\"]+)(, )?");
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(?:\\.\\d+)?(?:E-?\\d+)?");
    private static final Pattern OPERAND = Pattern.compile("%[\\w.]+|_");

    private final List<String> lines;
    private final Map<String, String> changed = new LinkedHashMap<>();

    private NearMisses(Graph graph) {
        this.lines = List.of(GraphText.print(graph).split("\n"));
    }

    /**
     * The near misses of a graph.
     *
     * @param graph the graph
     * @return the text of each by a short name of what was changed
     */
    static Map<String, String> of(Graph graph) {
        NearMisses misses = new NearMisses(graph);
        INPUT.matcher(misses.lines.getFirst()).results().forEach(misses::input);
        for (int i = 1; i < misses.lines.size(); i++) {
            misses.line(i);
        }
        String text = String.join("\n", misses.lines);
        for (String change : List.of("f32=f64", "f32=f16", "u8=i8", "i8=u8", "u8=i16", "i8=i16", "i8=i32", "i32=i64")) {
            String[] types = change.split("=");
            misses.changed.put(change, text.replaceAll("\\b" + types[0] + "\\b", types[1]));
        }
        misses.changed.values().remove(text);
        return misses.changed;
    }

    private void input(MatchResult m) {
        String name = m.group(1);
        String dtype = m.group(2);
        List<String> dims =
                m.group(3).isEmpty() ? List.of() : List.of(m.group(3).split(","));
        for (String type : TYPES) {
            header(m, name + ":" + type, "%" + name + ": " + type + "[" + m.group(3) + "]");
        }
        String start = "%" + name + ": " + dtype + "[";
        header(m, name + "[*]", start + "*]");
        header(m, name + "[1,...]", start + String.join(",", with(dims, 0, "1")) + "]");
        for (int d = 0; d < dims.size(); d++) {
            List<String> without = new ArrayList<>(dims);
            without.remove(d);
            header(m, name + "[-" + d + "]", start + String.join(",", without) + "]");
            boolean known = dims.get(d).matches("\\d+");
            for (String dim : List.of("1", "q", known ? Long.toString(Long.parseLong(dims.get(d)) + 1) : "3")) {
                without.add(d, dim);
                header(m, name + "[" + d + "]=" + dim, start + String.join(",", without) + "]");
                without.remove(d);
            }
        }
    }

    private static List<String> with(List<String> list, int index, String more) {
        List<String> all = new ArrayList<>(list);
        all.add(index, more);
        return all;
    }

    private void header(MatchResult m, String what, String input) {
        String header = lines.getFirst();
        put(what, 0, header.substring(0, m.start()) + input + header.substring(m.end()));
    }

    private void put(String what, int line, String text) {
        List<String> all = new ArrayList<>(lines);
        all.set(line, text);
        changed.put(what, String.join("\n", all) + "\n");
    }

    private void line(int i) {
        String line = lines.get(i).strip();
        var constant = CONSTANT.matcher(line);
        var reference = REFERENCE.matcher(line);
        var node = NODE.matcher(line);
        if (constant.matches()) {
            constant(i, constant.toMatchResult());
        } else if (reference.matches()) {
            computed(i, reference.toMatchResult());
        } else if (node.matches()) {
            node(i, node.toMatchResult());
        }
    }

    private void constant(int i, MatchResult m) {
        String name = m.group(1);
        String start = "%" + name + " = const " + m.group(2) + "[";
        String elements = m.group(4);
        if (elements.startsWith("true") || elements.startsWith("false")) {
            put(
                    name + "{0}=not",
                    i,
                    start + m.group(3) + "] {" + (elements.startsWith("t") ? "false" : "true")
                            + elements.substring(elements.startsWith("t") ? 4 : 5) + "}");
        }
        String type = start + m.group(3) + "] {";
        numbers(elements, (what, text) -> put(name + "{" + what + "}", i, type + text + "}"));
        for (String other : TYPES) {
            put(name + ":" + other, i, "%" + name + " = const " + other + "[" + m.group(3) + "] {" + elements + "}");
        }
        for (int n = 2; n <= 4 && !elements.contains(","); n++) {
            put(name + "[" + n + "]", i, start + n + "] {" + elements + (", " + elements).repeat(n - 1) + "}");
        }
        for (String one : List.of("0", "1")) {
            put(name + "{}=" + one, i, type + NUMBER.matcher(elements).replaceAll(one) + "}");
        }
        if (m.group(3).isEmpty()) {
            put(name + "[1]", i, start + "1] {" + elements + "}");
        } else {
            put(name + "[1,...]", i, start + "1," + m.group(3) + "] {" + elements + "}");
            put(name + "[...,1]", i, start + m.group(3) + ",1] {" + elements + "}");
            put(name + "[]", i, start + "] {" + elements + "}");
        }
        computed(i, m);
    }

    /** Makes a constant an input. */
    private void computed(int i, MatchResult m) {
        String name = m.group(1);
        List<String> all = new ArrayList<>(lines);
        all.remove(i);
        String input = "%" + name + ": " + m.group(2) + "[" + m.group(3) + "]";
        String header = lines.getFirst();
        all.set(
                0,
                header.contains("()")
                        ? header.replace("()", "(" + input + ")")
                        : header.replace(") {", ", " + input + ") {"));
        changed.put(name + "=?", String.join("\n", all) + "\n");
    }

    private interface Change {
        void put(String what, String text);
    }

    /** Changes some of the numbers in a text, one at a time. */
    private static void numbers(String text, Change change) {
        List<MatchResult> all = NUMBER.matcher(text).results().toList();
        TreeSet<Integer> chosen = new TreeSet<>();
        for (int n = 0; n < Math.min(NUMBERS, all.size()); n++) {
            chosen.add(n);
        }
        chosen.add(all.size() - 1);
        for (int n : chosen) {
            if (n >= 0) {
                MatchResult m = all.get(n);
                boolean whole = m.group().matches("-?\\d{1,18}");
                List<UnaryOperator<String>> others = whole
                        ? List.of(
                                s -> Long.toString(Long.parseLong(s) + 1),
                                s -> Long.toString(Long.parseLong(s) - 1),
                                s -> Long.toString(-Long.parseLong(s)),
                                s -> s.matches("\\d") ? "1" + s : s)
                        : List.of(
                                s -> Double.toString(Double.parseDouble(s) + 1),
                                s -> Double.toString(Double.parseDouble(s) * 2),
                                s -> Double.toString(-Double.parseDouble(s)));
                for (UnaryOperator<String> other : others) {
                    String number = other.apply(m.group());
                    change.put(n + "=" + number, text.substring(0, m.start()) + number + text.substring(m.end()));
                }
            }
        }
    }

    private void node(int i, MatchResult m) {
        List<String> results =
                RESULT.matcher(m.group(1)).results().map(r -> r.group(1)).toList();
        String name = results.isEmpty() ? "" : results.getFirst();
        String attributes = m.group(3) == null ? "" : m.group(3);
        String start = m.group(1) + " = " + m.group(2);
        String operands = m.group(4);
        ATTRIBUTE.matcher(attributes).results().forEach(a -> {
            String before = attributes.substring(0, a.start());
            String after = attributes.substring(a.end());
            String end = "(" + operands + ")";
            put(
                    name + "-" + a.group(1),
                    i,
                    start + (before + after).replace(", >", ">").replace("<>", "") + end);
            String separator = a.group(3) == null ? "" : a.group(3);
            numbers(
                    a.group(2).startsWith("\"") ? "" : a.group(2),
                    (what, text) -> put(
                            name + "." + a.group(1) + "." + what,
                            i,
                            start + before + a.group(1) + "=" + text + separator + after + end));
        });
        for (String more : MORE.getOrDefault(m.group(2), List.of())) {
            boolean given = attributes.contains(more.replaceFirst("=.*", "="));
            String all = attributes.isEmpty() ? "<" + more + ">" : "<" + more + ", " + attributes.substring(1);
            put(name + "+" + more.replace(" ", ""), i, given ? lines.get(i) : start + all + "(" + operands + ")");
        }
        List<String> given =
                OPERAND.matcher(operands).results().map(MatchResult::group).toList();
        String head = start + attributes + "(";
        if (given.size() > 1) {
            put(name + "-last", i, head + String.join(", ", given.subList(0, given.size() - 1)) + ")");
            for (int k = 0; k + 1 < given.size(); k++) {
                List<String> swapped = new ArrayList<>(given);
                swapped.set(k, given.get(k + 1));
                swapped.set(k + 1, given.get(k));
                put(name + "~" + k, i, head + String.join(", ", swapped) + ")");
            }
        }
        others(i).forEach(other -> {
            for (int k = 0; k < given.size(); k++) {
                List<String> replaced = new ArrayList<>(given);
                replaced.set(k, other);
                put(name + "/" + k + other, i, head + String.join(", ", replaced) + ")");
            }
        });
        for (String result : results) {
            int last = lines.size() - 2;
            put(result + "!", last, lines.get(last).replaceFirst("return ", "return between=%" + result + ", "));
        }
    }

    /** The inputs of the graph, and the value before a line. */
    private List<String> others(int i) {
        List<String> all = new ArrayList<>();
        INPUT.matcher(lines.getFirst()).results().forEach(m -> all.add("%" + m.group(1)));
        var before = RESULT.matcher(lines.get(i - 1).split(" = ")[0].strip());
        if (i > 1 && before.find()) {
            all.add(before.group());
        }
        return all;
    }
}
