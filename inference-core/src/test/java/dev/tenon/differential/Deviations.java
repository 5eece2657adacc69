package dev.tenon.differential;

import dev.tenon.differential.microsoft.MicrosoftDeviations;
import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The cases in which the peer deviates from the standard, stops, or does not have the operator, with the reason. Their
 * results are compared with other expected results, and never with a wider tolerance.
 */
public final class Deviations {
    /** The expected results in place of the peer's. */
    public enum Instead {
        /** Nothing: there is no deviation. */
        NONE,
        /** The peer's results in a wider type, rounded. */
        WIDER_PEER,
        /** The peer's results of an equivalent model. */
        RESPELLED,
        /** A formula of {@link Formulas}. */
        FORMULA,
        /** The operator's reference, whose own test cases have numbers from the standard. */
        REFERENCE
    }

    /**
     * A deviation.
     *
     * @param operator the operator
     * @param when the models that it applies to
     * @param instead the expected results
     * @param reason the behaviour of the peer
     * @param spelling an equivalent model, which the peer runs
     */
    public record Deviation(
            String operator,
            Predicate<OperatorModel> when,
            Instead instead,
            String reason,
            UnaryOperator<OperatorModel> spelling) {
        public Deviation(String operator, Predicate<OperatorModel> when, Instead instead, String reason) {
            this(operator, when, instead, reason, s -> s);
        }
    }

    private static final List<Deviation> ALL = all();

    private Deviations() {}

    /** The first deviation that applies to a model, or the one that stands for none. */
    public static Deviation find(OperatorModel model) {
        for (Deviation d : ALL) {
            if (d.operator.equals(model.entry()) && d.when.test(model)) {
                return d;
            }
        }
        return new Deviation(model.entry(), s -> true, Instead.NONE, "does as we do");
    }

    private static List<Deviation> all() {
        List<Deviation> list = new ArrayList<>();
        elementwise(list);
        casts(list);
        shapes(list);
        reductions(list);
        SignalDeviations.add(list);
        WindowDeviations.add(list);
        normalizations(list);
        ImageDeviations.add(list);
        for (String name : NewestDifferentialTest.lacking()) {
            list.add(new Deviation(name, s -> true, Instead.FORMULA, "does not have it"));
        }
        QuantDeviations.add(list);
        MicrosoftDeviations.add(list);
        return List.copyOf(list);
    }

    private static void elementwise(List<Deviation> list) {
        for (String name : List.of(
                "Exp",
                "Tanh",
                "Sigmoid",
                "Elu",
                "Celu",
                "Selu",
                "Mish",
                "Softplus",
                "ParametricSoftplus",
                "Swish",
                "Gelu",
                "Erf",
                "Acos",
                "Asin",
                "Atan",
                "Tan",
                "Sinh",
                "Cosh",
                "Asinh",
                "Acosh",
                "Atanh")) {
            list.add(new Deviation(
                    name,
                    s -> type(s) == DType.FLOAT32,
                    Instead.FORMULA,
                    "approximated with fewer digits than the contract asks for"));
        }
        list.add(new Deviation(
                "Sign", s -> type(s).bits() == 16, Instead.WIDER_PEER, "makes 0 of NaN in types of 16 bits alone"));
        list.add(new Deviation(
                "Clip",
                s -> Tensors.hasInfinity(s.operand(0)),
                Instead.REFERENCE,
                "bounds infinities where there is no bound, which the standard's function does not"));
        for (String name : List.of("HardSwish", "HardSigmoid")) {
            list.add(new Deviation(
                    name, s -> type(s) == DType.FLOAT32, Instead.FORMULA, "rounds on the way, where terms cancel"));
        }
        roundings(list);
    }

    private static void roundings(List<Deviation> list) {
        for (String name : List.of("Sin", "Cos")) {
            list.add(new Deviation(name, s -> type(s) == DType.FLOAT64, Instead.FORMULA, "wrong in the last two bits"));
        }
        list.add(new Deviation(
                "Gelu", s -> type(s) == DType.FLOAT64, Instead.FORMULA, "its constants have the digits of f32"));
        list.add(new Deviation("Shrink", s -> type(s) != DType.FLOAT32, Instead.FORMULA, "computes in f32"));
        list.add(new Deviation(
                "Sigmoid", s -> type(s) == DType.FLOAT64, Instead.FORMULA, "wrong in the last three bits"));
        list.add(new Deviation(
                "Mod",
                s -> type(s).bits() == 64
                        && type(s).isInteger()
                        && Long.valueOf(1).equals(s.attribute("fmod")),
                Instead.FORMULA,
                "computes in f64"));
        list.add(new Deviation(
                "Where", s -> s.operand(1).dtype() == DType.BOOL, Instead.FORMULA, "does not select truth values"));
        for (String name : List.of("Div", "Mod")) {
            list.add(new Deviation(
                    name,
                    s -> !type(s).isFloating()
                            && Tensors.has(s.operand(0), type(s).minInteger())
                            && Tensors.has(s.operand(1), -1),
                    Instead.FORMULA,
                    "the process may die where the quotient overflows"));
        }
    }

    private static void casts(List<Deviation> list) {
        list.add(new Deviation(
                "CastLike",
                s -> s.attribute("round_mode") != null,
                Instead.RESPELLED,
                "expands to a conversion that rounds up in any case",
                s -> OperatorModel.of("Cast")
                        .version(s.version())
                        .input(s.operand(0))
                        .attribute("to", (long) Tensors.number(target(s)))
                        .attribute("round_mode", s.attribute("round_mode"))));
        for (String name : List.of("Cast", "CastLike")) {
            list.add(new Deviation(
                    name,
                    s -> (type(s).isFloating() || type(s) == DType.BOOL) && target(s) == DType.STRING,
                    Instead.REFERENCE,
                    "writes eight digits at most, so that the number can't be read back, and truth values as 0 and 1"));
            list.add(new Deviation(
                    name,
                    s -> target(s).bits() == 2 && s.operand(0).size() > 100,
                    Instead.REFERENCE,
                    "fails where it folds constants of two bits, unless they are few"));
            list.add(new Deviation(
                    name,
                    s -> type(s).isFloating() && type(s).bits() == 8 && target(s) == DType.BOOL,
                    Instead.FORMULA,
                    "takes negative zeros for true, and the least power of two for false"));
            list.add(new Deviation(
                    name,
                    s -> target(s) == DType.FLOAT4E2M1 || type(s) == DType.FLOAT4E2M1,
                    Instead.REFERENCE,
                    "has few of the conversions"));
            list.add(new Deviation(
                    name,
                    s -> target(s) == DType.FLOAT8E5M2
                            && (Tensors.hasInfinity(s.operand(0))
                                    || Long.valueOf(0).equals(s.attribute("saturate")))
                            && Tensors.any(s.operand(0), v -> Math.abs(v) > 57344),
                    Instead.FORMULA,
                    "saturates infinities, asked to or not, and makes NaN of numbers that round to more than the"
                            + " greatest"));
            list.add(new Deviation(
                    name,
                    s -> type(s).isFloating()
                            && target(s).isInteger()
                            && target(s).isSubByte(),
                    Instead.REFERENCE,
                    "rounds to nearest, and truncates for all other integers"));
            list.add(new Deviation(
                    name,
                    s -> target(s) == DType.FLOAT8E8M0
                            && Tensors.any(s.operand(0), v -> v <= 0 || Double.isInfinite(v)),
                    Instead.REFERENCE,
                    "makes the least power of two of negative numbers, whose magnitude the standard takes, and"
                            + " the greatest of infinity"));
        }
    }

    private static void reductions(List<Deviation> list) {
        list.add(new Deviation(
                "ReduceL2",
                s -> type(s).isFloating() && Tensors.any(s.operand(0), v -> v != 0 && Math.abs(v) < 1e-18),
                Instead.FORMULA,
                "squares vanish on the way"));
        for (String name : List.of("ReduceLogSumExp", "ReduceLogSum", "ReduceL2", "ReduceMean", "ReduceProd")) {
            list.add(new Deviation(
                    name, s -> type(s).isInteger(), Instead.FORMULA, "rounds every step to an integer, or saturates"));
        }
        for (String name : List.of("ReduceMax", "ReduceMin", "ReduceLogSumExp")) {
            list.add(new Deviation(
                    name,
                    s -> Tensors.hasNaN(s.operand(0)),
                    Instead.FORMULA,
                    "keeps or drops NaN by its place among the elements"));
        }
        list.add(new Deviation(
                "ReduceSum",
                s -> type(s).isInteger() && largest(s.operand(0)) > 0x1p31,
                Instead.FORMULA,
                "adds on the way in a type that may be too narrow or, for 64 bits, has no digit for each number"));
        for (String name : List.of("TopK", "Unique")) {
            list.add(new Deviation(
                    name,
                    OrderDefinitions::isHigh,
                    Instead.FORMULA,
                    "does not have the type, and no other one with the same order"));
        }
        list.add(new Deviation(
                "TopK",
                s -> s.operand(0).size() == 0,
                Instead.REFERENCE,
                "the process may die where there is no element"));
        list.add(new Deviation(
                "Einsum",
                s -> s.operands().stream().anyMatch(t -> t.size() == 0),
                Instead.FORMULA,
                "the process may die where there is no element"));
        list.add(new Deviation(
                "MatMul",
                s -> s.operand(0).size() == 0 || s.operand(1).size() == 0,
                Instead.REFERENCE,
                "of matrices without elements broadcasts batches wrongly, or fails"));
        list.add(new Deviation(
                "Range",
                s -> type(s).isFloating(),
                Instead.FORMULA,
                "adds the step again and again, with a new error each time"));
        list.add(new Deviation("Det", s -> true, Instead.FORMULA, "sums in f32, where terms cancel"));
        emptyReductions(list);
    }

    private static void emptyReductions(List<Deviation> list) {
        for (String name : List.of(
                "ReduceSum",
                "ReduceMean",
                "ReduceProd",
                "ReduceL1",
                "ReduceL2",
                "ReduceSumSquare",
                "ReduceLogSum",
                "ReduceLogSumExp",
                "ReduceMax",
                "ReduceMin")) {
            list.add(new Deviation(
                    name,
                    s -> s.operand(0).size() == 0,
                    Instead.FORMULA,
                    "the process may die where there is no element"));
        }
    }

    private static void normalizations(List<Deviation> list) {
        list.add(new Deviation(
                "LayerNormalization",
                s -> type(s) == DType.FLOAT64
                        || type(s) == DType.FLOAT32
                        || s.operand(0).size() == 0,
                Instead.FORMULA,
                "subtracts the mean's square from the mean square, where digits cancel; refuses rows without"
                        + " elements"));
        list.add(new Deviation(
                "LayerNormalization",
                s -> s.operand(1).rank() > 1
                        || s.operand(2) != null && s.operand(2).rank() > 1
                        || Tensors.hasInfinity(s.operand(0)),
                Instead.FORMULA,
                "broadcasts a scale or bias of several dimensions to flat rows, and has a mean of NaN for infinities"));
        list.add(new Deviation(
                "LayerNormalization",
                s -> s.outputCount() > 1,
                Instead.WIDER_PEER,
                "rounds the statistics to the type of the operand, where the standard has them in that of stash_type"));
        list.add(new Deviation(
                "LRN",
                s -> true,
                Instead.FORMULA,
                "adds what enters the window to a sum and subtracts what leaves it, so that errors add up"));
        list.add(new Deviation(
                "LpNormalization",
                s -> s.operand(0).size() == 0 || Tensors.any(s.operand(0), v -> v != 0 && Math.abs(v) < 1e-18),
                Instead.REFERENCE,
                "the process may die where there is no element; squares vanish on the way"));
        list.add(new Deviation(
                "InstanceNormalization",
                s -> true,
                Instead.FORMULA,
                "moves the mean into the bias, where digits cancel; the process may die where there is no element"));
        list.add(new Deviation(
                "RMSNormalization",
                s -> s.operand(0).size() == 0 || type(s) != s.operand(1).dtype(),
                Instead.FORMULA,
                "refuses rows that have no elements, and a scale of another type"));
        list.add(new Deviation(
                "MeanVarianceNormalization",
                s -> true,
                Instead.FORMULA,
                "subtracts the mean's square from the mean square, and rounding may make that negative"));
        list.add(new Deviation(
                "GroupNormalization",
                s -> true,
                Instead.FORMULA,
                "subtracts the mean's square from the mean square in f32 whatever the type, where digits cancel"));
    }

    private static void shapes(List<Deviation> list) {
        list.add(new Deviation(
                "Gather",
                s -> type(s) == DType.STRING,
                Instead.WIDER_PEER,
                "copies the first of several strings alone"));
        list.add(new Deviation(
                "ConstantOfShape",
                s -> s.attribute("value") instanceof Tensor t
                        && (t.dtype().isComplex()
                                || t.dtype().bits() < 8
                                || t.dtype().isFloating() && t.dtype().bits() == 8),
                Instead.FORMULA,
                "does not take a value of this type"));
        list.add(new Deviation(
                "Transpose",
                s -> type(s).bits() == 2,
                Instead.WIDER_PEER,
                "fails where it folds constants of two bits, unless they are few"));
        list.add(new Deviation(
                "Pad",
                s -> s.operand(3) != null && s.operand(3).dtype() == DType.INT32,
                Instead.WIDER_PEER,
                "refuses axes of this type where it infers the shape"));
        list.add(new Deviation(
                "CenterCropPad",
                s -> s.operand(1).dtype() == DType.INT32,
                Instead.WIDER_PEER,
                "refuses a shape of this type, which its function compares with one of i64"));
    }

    /** The sum of the absolute values. */
    private static double largest(Tensor t) {
        double sum = 0;
        for (long i = 0; i < t.size(); i++) {
            sum += Math.abs(t.getDouble(i));
        }
        return sum;
    }

    static DType target(OperatorModel s) {
        return s.attribute("to") instanceof Long n
                ? ElementTypes.of("Cast", n.intValue())
                : s.operand(1).dtype();
    }

    public static DType type(OperatorModel model) {
        return model.operand(0).dtype();
    }
}
