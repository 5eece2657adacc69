package dev.tenon.differential;

import dev.tenon.fixtures.OnnxFile;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A small ONNX model around one node that is to be tested, with values for its inputs. Written by hand, not by the
 * library's own writer: names of operators and attributes are the standard's. Confined to one thread while it is made.
 */
public final class Sketch {
    /** The version of the operator set that models are of, unless they say otherwise. */
    public static final int VERSION = 23;

    /** A value that the model begins with. */
    public record Given(String name, Tensor value, boolean constant) {}

    private record Step(
            String domain, String operator, List<String> from, List<String> to, Map<String, Object> attributes) {}

    private final String domain;
    private final String operator;
    private final List<Given> given = new ArrayList<>();
    private final List<Step> before = new ArrayList<>();
    private final List<String> operands = new ArrayList<>();
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private final List<Step> after = new ArrayList<>();
    private List<String> results = List.of("y0");
    private List<String> returned = List.of("y0");
    private int version = VERSION;
    private long domainVersion = 1;

    private Sketch(String domain, String operator) {
        this.domain = domain;
        this.operator = operator;
    }

    public static Sketch of(String operator) {
        return new Sketch("", operator);
    }

    public static Sketch of(String domain, String operator) {
        return new Sketch(domain, operator);
    }

    /** An operand that is an input of the model. */
    public Sketch input(Tensor value) {
        return operand(value, false);
    }

    /** An operand that is part of the model. */
    public Sketch constant(Tensor value) {
        return operand(value, true);
    }

    private Sketch operand(Tensor value, boolean constant) {
        return use(give(value, constant));
    }

    /** A value to start with that {@link #before} or {@link #after} nodes use; gives its name. */
    public String give(Tensor value, boolean constant) {
        String name = "x" + given.size();
        given.add(new Given(name, value, constant));
        return name;
    }

    /** An operand that an earlier node makes, or a given one once more. */
    public Sketch use(String name) {
        operands.add(name);
        return this;
    }

    /** Leaves an optional operand out. */
    public Sketch none() {
        return use("");
    }

    /** An attribute; null leaves it out. */
    public Sketch attribute(String name, Object value) {
        if (value != null) {
            attributes.put(name, value instanceof Integer i ? Long.valueOf(i) : value);
        }
        return this;
    }

    /** Asks for the first outputs, {@code y0}, {@code y1}, …. */
    public Sketch outputs(int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add("y" + i);
        }
        return results(names, names);
    }

    /** Names the node's outputs, empty for those left out, and tells which values the model returns. */
    public Sketch results(List<String> names, List<String> wanted) {
        results = names;
        returned = wanted;
        return this;
    }

    /** A node before the tested one. */
    public Sketch before(String op, List<String> from, List<String> to, Map<String, Object> attributes) {
        before.add(new Step("", op, from, to, attributes));
        return this;
    }

    /** A node after the tested one. */
    public Sketch after(String op, List<String> from, List<String> to, Map<String, Object> attributes) {
        after.add(new Step("", op, from, to, attributes));
        return this;
    }

    /** The version of the operator set, where it matters. */
    public Sketch version(int v) {
        version = v;
        return this;
    }

    /** The version of the set of the tested operator's own domain, where it matters. */
    public Sketch domainVersion(long v) {
        domainVersion = v;
        return this;
    }

    public String domain() {
        return domain;
    }

    public String operator() {
        return operator;
    }

    /** The operator's name, with its domain before a dot if it is none of the standard's. */
    public String entry() {
        return domain.isEmpty() || domain.equals("ai.onnx.ml") ? operator : domain + "." + operator;
    }

    public int version() {
        return version;
    }

    public List<Given> given() {
        return given;
    }

    public List<String> returned() {
        return returned;
    }

    public Object attribute(String name) {
        return attributes.get(name);
    }

    /** The attributes that are given, by their names. */
    public Map<String, Object> attributes() {
        return Collections.unmodifiableMap(attributes);
    }

    /** The value of an operand, or null if it is left out or comes from another node. */
    public Tensor operand(int i) {
        if (i >= operands.size()) {
            return null;
        }
        for (Given g : given) {
            if (g.name.equals(operands.get(i))) {
                return g.value;
            }
        }
        return null;
    }

    /** Whether the tested node is all there is, so that its operands are the given values. */
    public boolean isOneNode() {
        return before.isEmpty() && after.isEmpty() && operands.stream().allMatch(n -> n.isEmpty() || n.startsWith("x"));
    }

    /** How many outputs the tested node has. */
    public int outputCount() {
        return results.size();
    }

    /** The operands in order, null for those left out; of a model of one node only. */
    public List<Tensor> operands() {
        List<Tensor> values = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            values.add(operand(i));
        }
        return values;
    }

    /** The same model with the values of a type replaced by values of a wider one, in the graphs that it holds too. */
    public Sketch widened(DType from, DType to) {
        Sketch s = retyped(from, t -> Tensors.convert(t, to));
        s.attributes.replaceAll((name, v) -> v instanceof OnnxFile f ? f.retyped(from, to) : v);
        return s;
    }

    /** The same model with the values of a type replaced. */
    public Sketch retyped(DType from, UnaryOperator<Tensor> to) {
        Sketch s = copy();
        s.given.replaceAll(g -> new Given(g.name, g.value.dtype() == from ? to.apply(g.value) : g.value, g.constant));
        return s;
    }

    /** The same model with another value for an operand, which may be one that was left out. */
    public Sketch with(int operand, Tensor value) {
        Sketch s = copy();
        while (s.operands.size() <= operand) {
            s.operands.add("");
        }
        String name = s.operands.get(operand);
        if (name.isEmpty()) {
            s.operands.set(operand, s.give(value, true));
        } else {
            s.given.replaceAll(g -> g.name.equals(name) ? new Given(name, value, g.constant) : g);
        }
        return s;
    }

    private Sketch copy() {
        Sketch s = new Sketch(domain, operator);
        s.given.addAll(given);
        s.before.addAll(before);
        s.operands.addAll(operands);
        s.attributes.putAll(attributes);
        s.after.addAll(after);
        s.results = results;
        s.returned = returned;
        s.version = version;
        s.domainVersion = domainVersion;
        return s;
    }

    /**
     * The model file.
     *
     * @param fed which values are inputs, the others being constants
     * @param symbolic whether the dimensions of inputs are symbols
     * @param casts the outputs to convert at the end, and to what type; they are named {@code cast_} then
     */
    public byte[] file(Predicate<Given> fed, boolean symbolic, Map<String, DType> casts) {
        OnnxFile file = OnnxFile.graph("sketch").version(version);
        if (!domain.isEmpty()) {
            file.imports(domain, domainVersion);
        }
        for (Given g : given) {
            if (fed.test(g)) {
                file.input(g.name, new TensorType(g.value.dtype(), shape(g, symbolic)));
            } else {
                file.initializer(g.name, g.value);
            }
        }
        before.forEach(s -> add(file, s));
        add(file, new Step(domain, operator, operands, results, attributes));
        after.forEach(s -> add(file, s));
        for (String name : returned) {
            DType to = casts.get(name);
            if (to != null) {
                add(file, new Step("", "Cast", List.of(name), List.of("cast_" + name), Map.of("to", (long)
                        Tensors.number(to))));
            }
            file.output(to == null ? name : "cast_" + name);
        }
        return file.bytes();
    }

    private static Shape shape(Given g, boolean symbolic) {
        List<Dim> dims = new ArrayList<>();
        for (int k = 0; k < g.value.rank(); k++) {
            dims.add(symbolic ? Dim.symbol(g.name + "_" + k) : Dim.of(g.value.dim(k)));
        }
        return Shape.of(dims);
    }

    private static void add(OnnxFile file, Step s) {
        file.node(
                s.domain,
                s.operator,
                s.from,
                s.to,
                s.attributes.entrySet().stream()
                        .map(e -> OnnxFile.attribute(e.getKey(), e.getValue()))
                        .toArray(AttributeProto[]::new));
    }

    private static Object text(Object value) {
        return switch (value) {
            case long[] v -> Arrays.toString(v);
            case float[] v -> Arrays.toString(v);
            case String[] v -> Arrays.toString(v);
            case Tensor v -> Tensors.text(v);
            default -> value;
        };
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (Given g : given) {
            out.append(g.name)
                    .append(g.constant ? " constant " : " = ")
                    .append(Tensors.text(g.value))
                    .append('\n');
        }
        before.forEach(s -> out.append(s).append('\n'));
        out.append(operator).append('(').append(String.join(", ", operands)).append(") ");
        attributes.forEach((k, v) -> out.append(k).append('=').append(text(v)).append(' '));
        out.append("-> ").append(results).append(" version ").append(version);
        after.forEach(s -> out.append('\n').append(s));
        return out.toString();
    }
}
