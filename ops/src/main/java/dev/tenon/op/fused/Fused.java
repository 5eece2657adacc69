package dev.tenon.op.fused;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.InvalidOperandException;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpList;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OpSet;
import dev.tenon.op.Operands;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.math.MathOps;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Operators that are computed together, tile by tile: an anchor, whose result is the first value, or none, and a
 * straight-line list of element-wise operators. The result is that of the last one.
 *
 * <p>Values are numbered: first the inputs, then the result of the anchor, then the results of the body in order. The
 * anchor takes the first inputs. An operand that is left out has the number {@value #ABSENT}. As attributes, {@code ops}
 * names the operators, the anchor first, {@code operands} lists the numbers of the operands of each, and the attributes
 * of an operator have its index in front, such as {@code 2.approximate}.
 *
 * @param inputs the number of inputs
 * @param anchor the operator whose result the body works on, one of {@link #ANCHORS}, or null
 * @param body the element-wise operators in order, at least one
 */
public record Fused(int inputs, Part anchor, List<Part> body) implements Op {
    /** The number of an operand that is left out. */
    public static final int ABSENT = -1;

    /** Operators that can be an anchor. */
    public static final OpSet ANCHORS = OpSet.of(Fused::anchors);

    /** Any inputs, one output. */
    public static final OpSchema SCHEMA =
            OpSchema.of("dev.tenon", "Fused").variadic("inputs", "*").output("output", "*");

    private static final int MOST_INPUTS = 1 << 12;

    /**
     * An operator with the numbers of its operands.
     *
     * @param op the operator
     * @param operands the numbers of its operands, {@value Fused#ABSENT} for those left out
     */
    public record Part(Op op, List<Integer> operands) {
        /**
         * A part.
         *
         * @param op the operator
         * @param operands the numbers of its operands
         */
        public Part {
            operands = List.copyOf(operands);
        }
    }

    /**
     * Checks the list.
     *
     * @param inputs the number of inputs
     * @param anchor the operator whose result the body works on, or null
     * @param body the element-wise operators in order
     * @throws InvalidOperandException if the body is empty, an operator is not of its kind, or a number is not that of
     *     an input or an earlier result
     */
    public Fused {
        body = List.copyOf(body);
        if (inputs < 0 || inputs > MOST_INPUTS) {
            throw invalid(inputs + " inputs", "0 to " + MOST_INPUTS);
        }
        if (body.isEmpty()) {
            throw invalid("an empty body", "one element-wise operator or more");
        }
        int values = inputs;
        if (anchor != null) {
            checkAnchor(anchor, inputs);
            values++;
        }
        for (Part part : body) {
            if (!(part.op() instanceof Elementwise) || MathOps.SET.definition(part.op()) == null) {
                throw invalid("operator " + part.op().schema() + " in the body", "element-wise operators");
            }
            for (int operand : part.operands()) {
                if (operand < ABSENT || operand >= values) {
                    throw invalid("operand " + operand + " of " + part.op().schema(), ABSENT + " to " + (values - 1));
                }
            }
            values++;
        }
    }

    private static void anchors(OpList list) {
        if (list.asks("MatMul")) list.add(MatMul.SCHEMA, MatMul.class, MatMul::of);
        if (list.asks("Gemm")) list.add(Gemm.SCHEMA, Gemm.class, Gemm::of);
        if (list.asks("MatMulInteger")) list.add(MatMulInteger.SCHEMA, MatMulInteger.class, MatMulInteger::of);
        if (list.asks("Conv")) list.add(Conv.SCHEMA, Conv.class, Conv::of);
        if (list.asks("dev.tenon", "SqueezeExcite"))
            list.add(SqueezeExcite.SCHEMA, SqueezeExcite.class, SqueezeExcite::of);
        if (list.asks("dev.tenon", "ChannelsLast")) list.add(ChannelsLast.SCHEMA, ChannelsLast.class, ChannelsLast::of);
    }

    private static void checkAnchor(Part anchor, int inputs) {
        if (ANCHORS.definition(anchor.op()) == null) {
            throw invalid(
                    "anchor " + anchor.op().schema(), "MatMul, Gemm, MatMulInteger, Conv, SqueezeExcite, ChannelsLast");
        }
        for (int i = 0; i < anchor.operands().size(); i++) {
            if (anchor.operands().get(i) != i || i >= inputs) {
                throw invalid("operands " + anchor.operands() + " of the anchor", "the first inputs in order");
            }
        }
    }

    private static InvalidOperandException invalid(String found, String allowed) {
        return new InvalidOperandException(SCHEMA.qualifiedName(), found, allowed, null);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if they do not make a list as the class comment says
     */
    public static Fused of(Attributes a) {
        List<String> names = a.strings("ops");
        if (names == null
                || names.isEmpty()
                || !(a.get("operands") instanceof List<?> operands)
                || operands.size() != names.size()) {
            throw invalid("ops " + a.get("ops") + ", operands " + a.get("operands"), "lists of the same length");
        }
        Map<String, Attributes> own = new HashMap<>();
        for (Map.Entry<String, Object> e : a.asMap().entrySet()) {
            int dot = e.getKey().indexOf('.');
            if (dot > 0) {
                String index = e.getKey().substring(0, dot);
                Attributes its = own.getOrDefault(index, Attributes.none());
                own.put(index, its.with(e.getKey().substring(dot + 1), e.getValue()));
            }
        }
        Part anchor = null;
        List<Part> body = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            OpDefinition<?> definition = i == 0 ? anchor(names.get(i)) : null;
            boolean first = definition != null;
            definition = first ? definition : MathOps.SET.find("", names.get(i));
            if (definition == null) {
                throw invalid("operator " + names.get(i), "element-wise operators, an anchor as the first");
            }
            Op op = definition.create(own.getOrDefault(Integer.toString(i), Attributes.none()));
            Part part = new Part(op, numbers(operands.get(i)));
            if (first) {
                anchor = part;
            } else {
                body.add(part);
            }
        }
        return new Fused(a.int32("inputs", 0), anchor, body);
    }

    private static OpDefinition<?> anchor(String name) {
        OpDefinition<?> standard = ANCHORS.find("", name);
        return standard != null ? standard : ANCHORS.find(SCHEMA.domain(), name);
    }

    private static List<Integer> numbers(Object list) {
        List<Integer> numbers = new ArrayList<>();
        for (Object number : list instanceof List<?> l ? l : List.of("")) {
            if (!(number instanceof Long n) || n < ABSENT || n > Integer.MAX_VALUE) {
                throw invalid("operands " + list, "lists of numbers of values");
            }
            numbers.add((int) (long) n);
        }
        return numbers;
    }

    /**
     * The anchor, if there is one, and the body.
     *
     * @return the operators in order
     */
    public List<Part> parts() {
        List<Part> parts = new ArrayList<>(body.size() + 1);
        if (anchor != null) {
            parts.add(anchor);
        }
        parts.addAll(body);
        return parts;
    }

    /**
     * How often the body uses a value.
     *
     * @param value its number among the inputs, the anchor's result and the results of the body
     * @return at least 0
     */
    public int uses(int value) {
        int uses = 0;
        for (Part part : body) {
            for (int operand : part.operands()) {
                uses += operand == value ? 1 : 0;
            }
        }
        return uses;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public String title() {
        return String.join(
                "+",
                parts().stream()
                        .map(p -> p.op() instanceof ChannelsLast l
                                ? l.title()
                                : p.op().schema().name())
                        .toList());
    }

    @Override
    public Attributes attributes() {
        List<Part> parts = parts();
        Map<String, Object> all = new HashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            for (Map.Entry<String, Object> e :
                    parts.get(i).op().attributes().asMap().entrySet()) {
                all.put(i + "." + e.getKey(), e.getValue());
            }
        }
        all.put("inputs", inputs);
        all.put("ops", parts.stream().map(p -> p.op().schema().name()).toList());
        all.put("operands", parts.stream().map(Part::operands).toList());
        return Attributes.none().withAll(all);
    }

    /**
     * {@inheritDoc} An error of a part goes on through those behind it, relative to the largest value on the way: the
     * parts' own bounds are added up, and once more relative to the magnitude.
     */
    @Override
    public Numerics numerics() {
        double ulps = 0;
        double terms = 0;
        double floor = 0;
        for (Part part : parts()) {
            Numerics n = part.op().numerics();
            ulps += n.ulps();
            terms += n.terms() + n.ulps();
            floor = Math.max(floor, n.floor());
        }
        return new Numerics(ulps, terms, floor);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(values(c, true).getLast().type());
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return values(c, false).getLast().symbolic();
    }

    /** The values by their numbers; the element types are checked only where they may not have been before. */
    private List<InferContext.Operand> values(InferContext c, boolean check) {
        if (c.inputCount() != inputs) {
            throw c.error(c.inputCount() + " inputs", "exactly " + inputs, null);
        }
        List<InferContext.Operand> values = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            values.add(c.has(i) ? new InferContext.Operand(c.type(i), c.constant(i), c.symbolic(i)) : null);
        }
        for (Part part : parts()) {
            List<InferContext.Operand> operands = new ArrayList<>();
            for (int operand : part.operands()) {
                operands.add(operand == ABSENT ? null : values.get(operand));
            }
            InferContext own = c.part(part.op(), operands, 1);
            if (check) {
                part.op().schema().check(own);
            }
            ValueType type = part.op().infer(own).getFirst();
            values.add(new InferContext.Operand(type, null, own.outputElements(0, type)));
        }
        return values;
    }

    /**
     * The types of all values, in the order of their numbers.
     *
     * @param types the types of the inputs, null for those left out, with known shapes
     * @return as many types as there are values
     * @throws InvalidOperandException if the inputs do not fit
     */
    public List<TensorType> valueTypes(List<TensorType> types) {
        List<InferContext.Operand> operands = new ArrayList<>();
        for (TensorType type : types) {
            operands.add(type == null ? null : new InferContext.Operand(type));
        }
        int[] fresh = {0};
        InferContext c = new InferContext(this, "", operands, 1, () -> Dim.symbol("?" + ++fresh[0]));
        List<TensorType> all = new ArrayList<>();
        for (InferContext.Operand value : values(c, false)) {
            all.add(value == null ? null : (TensorType) value.type());
        }
        return all;
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        List<Datum> values = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            values.add(in.has(i) ? in.get(i) : null);
        }
        for (Part part : parts()) {
            List<Datum> operands = new ArrayList<>();
            for (int operand : part.operands()) {
                operands.add(operand == ABSENT ? null : values.get(operand));
            }
            values.add(part.op().reference(in.part(part.op(), operands, 1)).getFirst());
        }
        return List.of(values.getLast());
    }
}
