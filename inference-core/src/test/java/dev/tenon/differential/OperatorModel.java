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
 * A small ONNX model with one node that is tested, and values for its inputs. It does not use the library's own writer:
 * the names of operators and attributes are those of the standard. Confined to one thread while it is made.
 */
public final class OperatorModel {
    /** The version of the operator set that models are of, unless they say otherwise. */
    public static final int VERSION = 23;

    /** An input or constant of the model. */
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

    private OperatorModel(String domain, String operator) {
        this.domain = domain;
        this.operator = operator;
    }

    public static OperatorModel of(String operator) {
        return new OperatorModel("", operator);
    }

    public static OperatorModel of(String domain, String operator) {
        return new OperatorModel(domain, operator);
    }

    /** An operand that is an input of the model. */
    public OperatorModel input(Tensor value) {
        return operand(value, false);
    }

    /** An operand that is part of the model. */
    public OperatorModel constant(Tensor value) {
        return operand(value, true);
    }

    private OperatorModel operand(Tensor value, boolean constant) {
        return use(give(value, constant));
    }

    /** Adds a value that {@link #before} or {@link #after} nodes use, and returns its name. */
    public String give(Tensor value, boolean constant) {
        String name = "x" + given.size();
        given.add(new Given(name, value, constant));
        return name;
    }

    /** Adds an operand that an earlier node computes, or that is another operand too. */
    public OperatorModel use(String name) {
        operands.add(name);
        return this;
    }

    /** Leaves an optional operand out. */
    public OperatorModel none() {
        return use("");
    }

    /** An attribute; null leaves it out. */
    public OperatorModel attribute(String name, Object value) {
        if (value != null) {
            attributes.put(name, value instanceof Integer i ? Long.valueOf(i) : value);
        }
        return this;
    }

    /** Returns the first outputs from the model, as {@code y0}, {@code y1} and so on. */
    public OperatorModel outputs(int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add("y" + i);
        }
        return results(names, names);
    }

    /** Sets the names of the node's outputs, empty for outputs that are left out, and the outputs of the model. */
    public OperatorModel results(List<String> names, List<String> wanted) {
        results = names;
        returned = wanted;
        return this;
    }

    /** A node before the tested one. */
    public OperatorModel before(String op, List<String> from, List<String> to, Map<String, Object> attributes) {
        before.add(new Step("", op, from, to, attributes));
        return this;
    }

    /** A node after the tested one. */
    public OperatorModel after(String op, List<String> from, List<String> to, Map<String, Object> attributes) {
        after.add(new Step("", op, from, to, attributes));
        return this;
    }

    /** The version of the operator set, where it matters. */
    public OperatorModel version(int v) {
        version = v;
        return this;
    }

    /** The version of the set of the tested operator's own domain, where it matters. */
    public OperatorModel domainVersion(long v) {
        domainVersion = v;
        return this;
    }

    public String domain() {
        return domain;
    }

    public String operator() {
        return operator;
    }

    /** The operator's name. An operator of another domain has the domain and a dot before its name. */
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

    /** Whether the tested node is the only node, so that its operands are the given values. */
    public boolean isOneNode() {
        return before.isEmpty() && after.isEmpty() && operands.stream().allMatch(n -> n.isEmpty() || n.startsWith("x"));
    }

    /** The number of outputs of the tested node. */
    public int outputCount() {
        return results.size();
    }

    /** The operands in order, null for operands that are left out. Only for models of one node. */
    public List<Tensor> operands() {
        List<Tensor> values = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            values.add(operand(i));
        }
        return values;
    }

    /** The same model with the values of a type converted to a wider type, in its bodies too. */
    public OperatorModel widened(DType from, DType to) {
        OperatorModel s = retyped(from, t -> Tensors.convert(t, to));
        s.attributes.replaceAll((name, v) -> v instanceof OnnxFile f ? f.retyped(from, to) : v);
        return s;
    }

    /** The same model with the values of a type replaced. */
    public OperatorModel retyped(DType from, UnaryOperator<Tensor> to) {
        OperatorModel s = copy();
        s.given.replaceAll(g -> new Given(g.name, g.value.dtype() == from ? to.apply(g.value) : g.value, g.constant));
        return s;
    }

    /** The same model with another value of an operand, which may have been left out. */
    public OperatorModel with(int operand, Tensor value) {
        OperatorModel s = copy();
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

    private OperatorModel copy() {
        OperatorModel s = new OperatorModel(domain, operator);
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
     * @param fed which values are inputs; all others are constants
     * @param symbolic whether the dimensions of inputs are symbols
     * @param casts the outputs that are converted at the end, with their types; their names begin with {@code cast_}
     */
    public byte[] file(Predicate<Given> fed, boolean symbolic, Map<String, DType> casts) {
        OnnxFile file = OnnxFile.graph("model").version(version);
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
