package dev.tenon.op;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The formal side of an operator: domain, name, parameters, the element types they take, and the accuracy contract.
 * Immutable. It is made by {@link #of} and by the chained calls that follow it, each of which gives a new schema.
 *
 * <p>A parameter's type is either a type variable declared by {@link #where}, and then all parameters of that variable
 * have the same element type, or {@code "*"}. {@link Op#infer} checks a parameter of type {@code "*"} itself: sequences,
 * optionals, maps, mixed lists.
 */
public final class OpSchema {
    /** Tells whether a parameter must be there. */
    public enum Presence {
        /** Exactly one operand. */
        REQUIRED,
        /** One operand or an empty place. */
        OPTIONAL,
        /**
         * Any number of operands from here on. They have one element type if a variable types them. Allowed for the
         * last parameter.
         */
        VARIADIC
    }

    /**
     * A formal parameter.
     *
     * @param name the standard's name of the parameter
     * @param type a type variable or {@code "*"}
     * @param presence whether it must be there
     */
    public record Parameter(String name, String type, Presence presence) {}

    private final String domain;
    private final String name;
    private final List<Parameter> inputs;
    private final List<Parameter> outputs;
    private final Map<String, Set<DType>> types;
    private final Numerics numerics;

    private OpSchema(
            String domain,
            String name,
            List<Parameter> inputs,
            List<Parameter> outputs,
            Map<String, Set<DType>> types,
            Numerics numerics) {
        this.domain = domain;
        this.name = name;
        this.inputs = inputs;
        this.outputs = outputs;
        this.types = types;
        this.numerics = numerics;
    }

    /**
     * A schema without parameters in the standard's main domain.
     *
     * @param name the operator's name
     * @return the schema
     */
    public static OpSchema of(String name) {
        return of("", name);
    }

    /**
     * A schema without parameters.
     *
     * @param domain the operator set's domain; empty for {@code ai.onnx}
     * @param name the operator's name
     * @return the schema
     */
    public static OpSchema of(String domain, String name) {
        return new OpSchema(domain, name, List.of(), List.of(), Map.of(), Numerics.EXACT);
    }

    /**
     * Adds a required input.
     *
     * @param parameter its name
     * @param type its type variable or {@code "*"}
     * @return the larger schema
     */
    public OpSchema input(String parameter, String type) {
        return withInput(new Parameter(parameter, type, Presence.REQUIRED));
    }

    /**
     * Adds an optional input.
     *
     * @param parameter its name
     * @param type its type variable or {@code "*"}
     * @return the larger schema
     */
    public OpSchema optional(String parameter, String type) {
        return withInput(new Parameter(parameter, type, Presence.OPTIONAL));
    }

    /**
     * Adds a variadic input, the last. It stands for one operand or more, or for any number if it may be of any type.
     *
     * @param parameter its name
     * @param type its type variable or {@code "*"}
     * @return the larger schema
     */
    public OpSchema variadic(String parameter, String type) {
        return withInput(new Parameter(parameter, type, Presence.VARIADIC));
    }

    /**
     * Adds an output.
     *
     * @param parameter its name
     * @param type its type variable or {@code "*"}
     * @return the larger schema
     */
    public OpSchema output(String parameter, String type) {
        return withOutput(new Parameter(parameter, type, Presence.REQUIRED));
    }

    /**
     * Adds an output that a node may leave out.
     *
     * @param parameter its name
     * @param type its type variable or {@code "*"}
     * @return the larger schema
     */
    public OpSchema optionalOutput(String parameter, String type) {
        return withOutput(new Parameter(parameter, type, Presence.OPTIONAL));
    }

    /**
     * Adds a variadic output, the last.
     *
     * @param parameter its name
     * @param type its type variable or {@code "*"}
     * @return the larger schema
     */
    public OpSchema variadicOutput(String parameter, String type) {
        return withOutput(new Parameter(parameter, type, Presence.VARIADIC));
    }

    /**
     * Declares a type variable.
     *
     * @param variable its name, as used by parameters
     * @param allowed the element types it may stand for
     * @return the larger schema
     */
    public OpSchema where(String variable, Set<DType> allowed) {
        Map<String, Set<DType>> more = new LinkedHashMap<>(types);
        more.put(variable, Collections.unmodifiableSet(EnumSet.copyOf(allowed)));
        return new OpSchema(domain, name, inputs, outputs, Collections.unmodifiableMap(more), numerics);
    }

    /**
     * Sets the accuracy contract. Without one, results are exact.
     *
     * @param contract how far a kernel may be from the reference
     * @return the changed schema
     */
    public OpSchema numerics(Numerics contract) {
        return new OpSchema(domain, name, inputs, outputs, types, contract);
    }

    /**
     * Sets the accuracy contract to a bound relative to the result.
     *
     * @param ulps units in the last place
     * @return the changed schema
     */
    public OpSchema ulps(double ulps) {
        return numerics(Numerics.ulps(ulps));
    }

    /**
     * Sets the accuracy contract to that of one IEEE operation: results are correctly rounded.
     *
     * @return the changed schema
     */
    public OpSchema rounded() {
        return numerics(Numerics.ROUNDED);
    }

    private OpSchema withInput(Parameter p) {
        return new OpSchema(domain, name, plus(inputs, p), outputs, types, numerics);
    }

    private OpSchema withOutput(Parameter p) {
        return new OpSchema(domain, name, inputs, plus(outputs, p), types, numerics);
    }

    private static List<Parameter> plus(List<Parameter> list, Parameter p) {
        List<Parameter> more = new ArrayList<>(list);
        more.add(p);
        return List.copyOf(more);
    }

    /**
     * The domain of the operator set.
     *
     * @return empty for {@code ai.onnx}
     */
    public String domain() {
        return domain;
    }

    /**
     * The operator's name.
     *
     * @return the name, without its domain
     */
    public String name() {
        return name;
    }

    /**
     * The formal inputs.
     *
     * @return an immutable list
     */
    public List<Parameter> inputs() {
        return inputs;
    }

    /**
     * The formal outputs.
     *
     * @return an immutable list
     */
    public List<Parameter> outputs() {
        return outputs;
    }

    /**
     * The element types that a type variable may stand for.
     *
     * @param variable the variable's name
     * @return an immutable set; empty if there is no such variable
     */
    public Set<DType> allowed(String variable) {
        return types.getOrDefault(variable, Set.of());
    }

    /**
     * The accuracy contract.
     *
     * @return how far a kernel may be from the reference; {@link Op#numerics} may override it
     */
    public Numerics numerics() {
        return numerics;
    }

    /**
     * Checks the number of operands, the presence of the required ones, and the element types of all tensors.
     *
     * @param c the operands
     * @throws InvalidOperandException if they do not fit
     */
    public void check(InferContext c) {
        checkCount(c, c.inputCount(), inputs, "inputs");
        checkCount(c, c.outputCount(), outputs, "outputs");
        Map<String, DType> bound = new LinkedHashMap<>();
        for (int i = 0; i < c.inputCount(); i++) {
            Parameter p = parameter(inputs, i);
            if (!c.has(i)) {
                if (p.presence() == Presence.REQUIRED || isList(p)) {
                    throw c.error("input " + i + " '" + p.name() + "' is missing", null, "give the input");
                }
                continue;
            }
            if (!p.type().equals("*")) {
                checkType(c, i, p, bound);
            }
        }
    }

    private void checkType(InferContext c, int i, Parameter p, Map<String, DType> bound) {
        ValueType type = c.type(i);
        if (!(type instanceof TensorType tensor)) {
            throw c.error("input " + i + " '" + p.name() + "' is " + type, "a tensor", null);
        }
        Set<DType> allowed = allowed(p.type());
        if (!allowed.contains(tensor.dtype())) {
            throw c.error(
                    "input " + i + " '" + p.name() + "' has element type "
                            + tensor.dtype().text(),
                    text(allowed),
                    "add a Cast");
        }
        DType first = bound.putIfAbsent(p.type(), tensor.dtype());
        if (first != null && first != tensor.dtype()) {
            throw c.error(
                    "input " + i + " '" + p.name() + "' has element type "
                            + tensor.dtype().text(),
                    first.text() + ", as the operand before it",
                    "add a Cast");
        }
    }

    private static void checkCount(InferContext c, int count, List<Parameter> formal, String what) {
        boolean variadic = !formal.isEmpty() && formal.getLast().presence() == Presence.VARIADIC;
        int required = 0;
        for (int i = 0; i < formal.size(); i++) {
            if (formal.get(i).presence() == Presence.REQUIRED || isList(formal.get(i))) {
                required = i + 1;
            }
        }
        if (count < required || !variadic && count > formal.size()) {
            String allowed = variadic
                    ? "at least " + required
                    : required == formal.size() ? "exactly " + required : required + " to " + formal.size();
            throw c.error(count + " " + what, allowed, null);
        }
    }

    /** Whether a parameter stands for one operand or more, none of which may be left out. */
    private static boolean isList(Parameter p) {
        return p.presence() == Presence.VARIADIC && !p.type().equals("*");
    }

    private static Parameter parameter(List<Parameter> formal, int i) {
        return formal.get(Math.min(i, formal.size() - 1));
    }

    private static String text(Set<DType> types) {
        return String.join(", ", types.stream().map(DType::text).toList());
    }

    /**
     * The operator's name with its domain.
     *
     * @return such as {@code Softmax} or {@code com.microsoft.Gelu}
     */
    public String qualifiedName() {
        return domain.isEmpty() ? name : domain + "." + name;
    }

    @Override
    public String toString() {
        return qualifiedName();
    }
}
