package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OpSet;
import dev.tenon.op.Operands;
import dev.tenon.op.catalog.MathOperators;
import dev.tenon.op.catalog.ReduceOperators;
import dev.tenon.op.catalog.TensorOperators;
import dev.tenon.op.math.Elementwise;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Operators that are computed together, tile by tile. There may be an anchor, such as a matrix product. A straight-line
 * list of element-wise operators follows it, the body. If the anchor is row-wise, such as a softmax, another list may
 * precede it, the prologue. The result is that of the last operator.
 *
 * <p>Values are numbered: first the inputs, then the results of the prologue in order, the result of the anchor, and
 * the results of the body in order. The anchor takes the first inputs. A row-wise anchor takes the last result of the
 * prologue, if there is one, and any further inputs. The body of a row-wise anchor reads nothing of the prologue, and
 * its result has the type of the anchor's. An operand that is left out has the number {@value #ABSENT}. In the
 * attributes, {@code ops} names the operators in order, {@code prologue} is the number of operators in the prologue,
 * and {@code operands} lists the numbers of the operands of each operator. The name of an operator's own attribute
 * begins with the operator's index, such as {@code 2.approximate}.
 *
 * @param inputs the number of inputs
 * @param prologue the element-wise operators before the anchor; none unless the anchor is one of {@link #ROW_WISE}
 * @param anchor the operator whose result the body works on, one of {@link #ANCHORS} or {@link #ROW_WISE}, or null
 * @param body the element-wise operators after the anchor, at least one unless there is a prologue
 */
public record Fused(int inputs, List<Part> prologue, Part anchor, List<Part> body) implements Op {
    /** The number of an operand that is left out. */
    public static final int ABSENT = -1;

    /** Operators that can be an anchor without a prologue: products, convolutions, gates. */
    public static final OpSet ANCHORS = anchors();

    /** Operators that can be an anchor with a prologue: softmax and reductions. They work on rows of elements. */
    public static final OpSet ROW_WISE = rowWise();

    /** Any inputs, one output. */
    public static final OpSchema SCHEMA =
            OpSchema.of(Domains.TENON, "Fused").variadic("inputs", "*").output("output", "*");

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
     * Checks the lists.
     *
     * @param inputs the number of inputs
     * @param prologue the element-wise operators before the anchor
     * @param anchor the operator whose result the body works on, or null
     * @param body the element-wise operators in order
     * @throws InvalidOperandException if there is nothing to fuse, an operator is not of its kind, or a number is not
     *     that of a value that the operator may read
     */
    public Fused {
        prologue = List.copyOf(prologue);
        body = List.copyOf(body);
        if (inputs < 0 || inputs > MOST_INPUTS) {
            throw invalid(inputs + " inputs", "0 to " + MOST_INPUTS);
        }
        if (body.isEmpty() && prologue.isEmpty()) {
            throw invalid("an empty body", "one element-wise operator or more");
        }
        checkElementwise(prologue, inputs, inputs, inputs);
        int values = inputs + prologue.size();
        if (anchor != null) {
            checkAnchor(anchor, inputs, prologue.size());
            values++;
        } else if (!prologue.isEmpty()) {
            throw invalid("a prologue without an anchor", "a body alone");
        }
        checkElementwise(body, inputs, inputs + prologue.size(), values);
    }

    /**
     * Operators without a prologue.
     *
     * @param inputs the number of inputs
     * @param anchor the operator whose result the body works on, or null
     * @param body the element-wise operators in order
     * @throws InvalidOperandException if the body is empty, an operator is not of its kind, or a number is not that of
     *     an input or an earlier result
     */
    public Fused(int inputs, Part anchor, List<Part> body) {
        this(inputs, List.of(), anchor, body);
    }

    /**
     * Checks a list of operators. They read inputs, and values from a number on. So many values exist before the first
     * of them.
     */
    private static void checkElementwise(List<Part> parts, int inputs, int from, int values) {
        int made = values;
        for (Part part : parts) {
            if (!(part.op() instanceof Elementwise) || !MathOperators.set().contains(part.op())) {
                throw invalid("operator " + part.op().schema() + " beside the anchor", "element-wise operators");
            }
            for (int operand : part.operands()) {
                if (operand < ABSENT || operand >= made || operand >= inputs && operand < from) {
                    throw invalid(
                            "operand " + operand + " of " + part.op().schema(),
                            ABSENT + " to " + (made - 1) + (from > inputs ? ", none of the prologue" : ""));
                }
            }
            made++;
        }
    }

    private static OpSet anchors() {
        return TensorOperators.set()
                .only(Domains.MAIN, "MatMul", "Gemm", "MatMulInteger", "Conv", "ConvTranspose")
                .plus(FusedOperators.set()
                        .only(
                                Domains.TENON,
                                "TransposedMatMul",
                                "BlockQuantizedMatMul",
                                "BlockMatMul",
                                "DynamicQuantizedMatMul",
                                "BFloat16MatMul",
                                "SqueezeExcite",
                                "ChannelsLast"));
    }

    private static OpSet rowWise() {
        return ReduceOperators.reductions().plus(TensorOperators.set().only(Domains.MAIN, "Softmax", "LogSoftmax"));
    }

    private static void checkAnchor(Part anchor, int inputs, int prologue) {
        if (ROW_WISE.contains(anchor.op())) {
            for (int i = 0; i < anchor.operands().size(); i++) {
                int operand = anchor.operands().get(i);
                boolean data = i == 0 && operand == (prologue > 0 ? inputs + prologue - 1 : 0);
                if (!data && (i == 0 || operand < ABSENT || operand >= inputs)) {
                    throw invalid(
                            "operands " + anchor.operands() + " of the anchor",
                            "the last result of the prologue, or the first input, then inputs");
                }
            }
            return;
        }
        if (!ANCHORS.contains(anchor.op()) || prologue > 0) {
            throw invalid(
                    "anchor " + anchor.op().schema(),
                    prologue > 0
                            ? "Softmax, LogSoftmax or a reduction after a prologue"
                            : "MatMul, Gemm, TransposedMatMul, BlockQuantizedMatMul, BlockMatMul, DynamicQuantizedMatMul,"
                                    + " BFloat16MatMul, MatMulInteger, Conv, ConvTranspose, SqueezeExcite, ChannelsLast, Softmax,"
                                    + " LogSoftmax or a reduction");
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
     * @throws InvalidOperandException if they do not describe such lists
     */
    public static Fused of(Attributes a) {
        List<String> names = a.strings("ops", List.of());
        Object given = a.get("operands").orElse(null);
        if (names.isEmpty() || !(given instanceof List<?> operands) || operands.size() != names.size()) {
            throw invalid("ops " + names + ", operands " + given, "lists of the same length");
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
        int before = a.int32("prologue", 0);
        Part anchor = null;
        List<Part> prologue = new ArrayList<>();
        List<Part> body = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            Optional<OpDefinition<?>> asAnchor = i == before ? anchor(name) : Optional.empty();
            OpDefinition<?> definition = asAnchor.or(() -> MathOperators.set().find("", name))
                    .orElseThrow(
                            () -> invalid("operator " + name, "element-wise operators, an anchor after the prologue"));
            Op op = definition.create(own.getOrDefault(Integer.toString(i), Attributes.none()));
            Part part = new Part(op, numbers(operands.get(i)));
            if (asAnchor.isPresent()) {
                anchor = part;
            } else {
                (i < before ? prologue : body).add(part);
            }
        }
        return new Fused(a.int32("inputs", 0), prologue, anchor, body);
    }

    private static Optional<OpDefinition<?>> anchor(String name) {
        return ANCHORS.find("", name).or(() -> ROW_WISE.find("", name)).or(() -> ANCHORS.find(SCHEMA.domain(), name));
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
     * The prologue, the anchor if there is one, and the body.
     *
     * @return the operators in order
     */
    public List<Part> parts() {
        List<Part> parts = new ArrayList<>(prologue.size() + body.size() + 1);
        parts.addAll(prologue);
        if (anchor != null) {
            parts.add(anchor);
        }
        parts.addAll(body);
        return parts;
    }

    /**
     * Tells whether the anchor works on rows of elements, so that it may have a prologue.
     *
     * @return true if it is one of {@link #ROW_WISE}
     */
    public boolean isRowWise() {
        return anchor != null && ROW_WISE.contains(anchor.op());
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
        if (!prologue.isEmpty()) {
            all.put("prologue", prologue.size());
        }
        all.put("ops", parts.stream().map(p -> p.op().schema().name()).toList());
        all.put("operands", parts.stream().map(Part::operands).toList());
        return Attributes.none().withAll(all);
    }

    /**
     * {@inheritDoc} The error of a part is carried on through the parts after it, relative to the largest value that
     * occurs. So the bounds of the parts are added up, once as they are and once relative to the magnitude.
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
        List<InferContext.Operand> values = values(c, true, null);
        ValueType result = values.getLast().type();
        if (isRowWise()) {
            ValueType lines = values.get(inputs + prologue.size()).type();
            if (!fits(lines, result)) {
                throw c.error("result of type " + result, "the type of the anchor's result, " + lines, null);
            }
        }
        return List.of(result);
    }

    /** Whether the result of a row-wise anchor's body may have the anchor's type, as far as shapes are known. */
    private static boolean fits(ValueType lines, ValueType result) {
        return lines instanceof TensorType a
                && result instanceof TensorType b
                && a.dtype() == b.dtype()
                && (!a.shape().hasRank()
                        || !b.shape().hasRank()
                        || !a.shape().isKnown()
                        || !b.shape().isKnown()
                        || a.shape().equals(b.shape()));
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return values(c, false, null).getLast().symbolic();
    }

    /**
     * The values by their numbers. Element types are checked only where they may not have been checked before.
     *
     * @param lines the type of the result of a row-wise anchor, or null to infer it
     */
    private List<InferContext.Operand> values(InferContext c, boolean check, TensorType lines) {
        if (c.inputCount() != inputs) {
            throw c.error(c.inputCount() + " inputs", "exactly " + inputs, null);
        }
        List<InferContext.Operand> values = Composition.operands(c, inputs);
        for (Part part : parts()) {
            List<InferContext.Operand> operands = new ArrayList<>();
            for (int operand : part.operands()) {
                operands.add(operand == ABSENT ? null : values.get(operand));
            }
            if (lines != null && values.size() == inputs + prologue.size()) {
                values.add(new InferContext.Operand(lines));
                continue;
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
     * @param result the type of the result; it gives the type of a row-wise anchor without the values of its axes
     * @return as many types as there are values
     * @throws InvalidOperandException if the inputs do not fit
     */
    public List<TensorType> valueTypes(List<TensorType> types, TensorType result) {
        List<InferContext.Operand> operands = new ArrayList<>();
        for (TensorType type : types) {
            operands.add(type == null ? null : new InferContext.Operand(type));
        }
        int[] fresh = {0};
        InferContext c = new InferContext(this, "", operands, 1, () -> Dim.symbol("?" + ++fresh[0]));
        List<TensorType> all = new ArrayList<>();
        for (InferContext.Operand value : values(c, false, isRowWise() ? result : null)) {
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
            values.add(in.part(part.op(), operands, 1).evaluate().getFirst());
        }
        return List.of(values.getLast());
    }
}
