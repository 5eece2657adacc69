package dev.tenon.graph;

import dev.tenon.op.OpSet;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Prints graphs as text and parses them, for people, tests and traces. Parsing a printed graph gives an equal graph.
 *
 * <pre>{@code
 * graph main(%x: f32[batch,4]) {
 *   %w = const f32[4,2] {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0}
 *   %big = const f32[4096,4096] @big
 *   %h: f32[batch,2] = MatMul(%x, %w) "first"
 *   %y: f32[batch,2] = Softmax<axis=-1>(%h)
 *   return probabilities=%y
 * }
 * }</pre>
 *
 * <p>Operands and outputs that are left out are written as an underscore. Types after outputs are for the reader, and
 * the parser infers them again. Dimensions that are only known at run time are numbered anew in each graph. Names with
 * unusual characters are quoted. Constants of many elements are written by reference and found by name when parsing.
 */
public final class GraphText {
    /** Constants with more elements are printed by reference. */
    public static final long MAX_PRINTED_ELEMENTS = 64;

    private static final String HEX = "0123456789abcdef";

    private final StringBuilder text = new StringBuilder();
    /** The name by which a constant is printed, or null if it is written out. */
    private final Function<Value, String> references;

    /** The symbols of the graph that is being printed. */
    private Map<String, Dim> symbols = new HashMap<>();

    private GraphText(Function<Value, String> references) {
        this.references = references;
    }

    /**
     * Prints a graph, large constants by reference.
     *
     * @param graph the graph
     * @return its text
     */
    public static String print(Graph graph) {
        return print(graph, MAX_PRINTED_ELEMENTS);
    }

    /**
     * Prints a graph.
     *
     * @param graph the graph
     * @param maxElements constants with more elements are printed by reference
     * @return its text
     */
    public static String print(Graph graph, long maxElements) {
        return print(graph, v -> v.constant().size() > maxElements ? v.name() : null);
    }

    /**
     * Prints a graph.
     *
     * @param graph the graph
     * @param references gives for a constant of the graph, or of a body in it, the name by which it is printed, or null
     *     if it is to be written out
     * @return its text
     */
    public static String print(Graph graph, Function<Value, String> references) {
        GraphText printer = new GraphText(references);
        printer.graph(graph, "");
        return printer.text.append('\n').toString();
    }

    /**
     * Parses a graph whose constants are all written out.
     *
     * @param text the text
     * @param operators the operators it may use
     * @return the graph
     * @throws InvalidGraphException if the text does not parse, with the line
     * @throws dev.tenon.error.InvalidOperandException if a node does not type-check
     */
    public static Graph parse(String text, OpSet operators) {
        return parse(text, operators, name -> null);
    }

    /**
     * Parses a graph.
     *
     * @param text the text
     * @param operators the operators it may use
     * @param constants gives the constants that are written by reference, or null
     * @return the graph
     * @throws InvalidGraphException if the text does not parse, with the line
     * @throws dev.tenon.error.InvalidOperandException if a node does not type-check
     */
    public static Graph parse(String text, OpSet operators, Function<String, Tensor> constants) {
        return new GraphParser(text, operators, constants).parse();
    }

    private void graph(Graph graph, String indent) {
        Map<String, Dim> outside = symbols;
        symbols = new HashMap<>();
        text.append("graph ");
        if (!graph.name().isEmpty()) {
            text.append(name(graph.name()));
        }
        text.append('(');
        List<String> inputs = new ArrayList<>();
        for (Value v : graph.inputs()) {
            inputs.add("%" + name(v.name()) + ": " + renumbered(v.type()));
        }
        text.append(String.join(", ", inputs)).append(") {\n");
        String inner = indent + "  ";
        for (Value v : graph.constants()) {
            text.append(inner).append('%').append(name(v.name())).append(" = const ");
            tensor(v.constant(), references.apply(v));
            text.append('\n');
        }
        for (Node node : graph.nodes()) {
            node(node, inner);
        }
        List<String> outputs = new ArrayList<>();
        for (int i = 0; i < graph.outputs().size(); i++) {
            String value = "%" + name(graph.outputs().get(i).name());
            String known = graph.outputNames().get(i);
            outputs.add(known.equals(graph.outputs().get(i).name()) ? value : name(known) + "=" + value);
        }
        text.append(inner).append("return ").append(String.join(", ", outputs)).append('\n');
        text.append(indent).append('}');
        symbols = outside;
    }

    /**
     * A type whose dimensions that are only known at run time are numbered in the order in which the text shows them,
     * as the parser numbers them.
     */
    private ValueType renumbered(ValueType type) {
        return switch (type) {
            case TensorType t ->
                t.shape().hasRank() ? new TensorType(t.dtype(), t.shape().substitute(this::renumbered)) : t;
            case SequenceType t -> new SequenceType(renumbered(t.element()));
            case OptionalType t -> new OptionalType(renumbered(t.element()));
            case MapType t -> t;
        };
    }

    private Dim renumbered(String symbol) {
        return symbol.startsWith(Symbols.MARK)
                ? symbols.computeIfAbsent(symbol, s -> Dim.symbol(Symbols.MARK + (symbols.size() + 1)))
                : null;
    }

    private void node(Node node, String indent) {
        List<String> outputs = new ArrayList<>();
        for (Value v : node.outputs()) {
            outputs.add(v == null ? "_" : "%" + name(v.name()) + ": " + renumbered(v.type()));
        }
        text.append(indent).append(String.join(", ", outputs)).append(" = ");
        text.append(name(node.op().schema().qualifiedName()));
        Map<String, Object> attributes = node.op().attributes().asMap();
        if (!attributes.isEmpty()) {
            text.append('<');
            String separator = "";
            for (Map.Entry<String, Object> e : attributes.entrySet()) {
                text.append(separator).append(name(e.getKey())).append('=');
                attribute(e.getValue(), indent);
                separator = ", ";
            }
            text.append('>');
        }
        List<String> operands = new ArrayList<>();
        for (Value v : node.inputs()) {
            operands.add(v == null ? "_" : "%" + name(v.name()));
        }
        text.append('(').append(String.join(", ", operands)).append(')');
        if (!node.name().isEmpty()) {
            text.append(' ').append(quoted(node.name()));
        }
        text.append('\n');
    }

    private void attribute(Object value, String indent) {
        switch (value) {
            case Long l -> text.append((long) l);
            case Float f -> text.append((float) f).append('f');
            case String s -> text.append(quoted(s));
            case Tensor t -> tensor(t, null);
            case ValueType t -> text.append("type ").append(quoted(t.toString()));
            case Graph g -> graph(g, indent);
            case List<?> list -> {
                text.append('[');
                for (int i = 0; i < list.size(); i++) {
                    text.append(i == 0 ? "" : ", ");
                    attribute(list.get(i), indent);
                }
                text.append(']');
            }
            default -> throw new IllegalStateException("attribute of " + value.getClass());
        }
    }

    private void tensor(Tensor t, String reference) {
        text.append(t.type());
        if (reference != null) {
            text.append(" @").append(name(reference));
            return;
        }
        text.append(" {");
        for (long i = 0; i < t.size(); i++) {
            text.append(i == 0 ? "" : ", ").append(element(t, i));
        }
        text.append('}');
    }

    private static String element(Tensor t, long i) {
        if (t.dtype() == DType.STRING) {
            return quoted(t.getUtf8(i));
        }
        if (t.dtype() == DType.BOOL) {
            return t.getBoolean(i) ? "true" : "false";
        }
        if (t.dtype().isComplex()) {
            return "(" + t.getReal(i) + " " + t.getImaginary(i) + ")";
        }
        if (t.dtype() == DType.UINT64) {
            return Long.toUnsignedString(t.getLong(i));
        }
        if (t.dtype().isInteger()) {
            return Long.toString(t.getLong(i));
        }
        return t.dtype() == DType.FLOAT32 ? Float.toString(t.getFloat(i)) : Double.toString(t.getDouble(i));
    }

    /** A name, quoted if it has characters that the grammar uses. */
    static String name(String name) {
        boolean plain = name.matches("[A-Za-z0-9_./:\\-]+") && !name.equals("_") && !name.endsWith(":");
        return plain ? name : quoted(name);
    }

    private static String quoted(String s) {
        return quoted(s.getBytes(StandardCharsets.UTF_8));
    }

    /** Quoted bytes. Printable ASCII stays, other bytes become two hexadecimal digits. */
    private static String quoted(byte[] utf8) {
        StringBuilder q = new StringBuilder("\"");
        for (byte b : utf8) {
            if (b == '"' || b == '\\') {
                q.append('\\').append((char) b);
            } else if (b >= ' ' && b < 0x7F) {
                q.append((char) b);
            } else {
                q.append("\\x").append(HEX.charAt(b >> 4 & 15)).append(HEX.charAt(b & 15));
            }
        }
        return q.append('"').toString();
    }
}
