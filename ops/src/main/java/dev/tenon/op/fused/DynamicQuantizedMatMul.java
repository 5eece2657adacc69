package dev.tenon.op.fused;

import dev.tenon.op.Domains;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Equal;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Round;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Where;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.reduce.ReduceMax;
import dev.tenon.op.reduce.ReduceMin;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * The product of a float32 tensor X {@code [..., m, k]} with quantised weights W {@code [k, n]}, whose columns have scales S
 * {@code [n]}. Each row of X is quantised to integers from 0 to 255 for itself, so that its result does not depend on the rows
 * beside it: its scale is the range of its elements and 0, divided by 255, and its zero point the integer next to 0. The sums
 * of products of integers are exact; they become float32, and are multiplied first with the scale of the row and then with that
 * of the column. A row with a NaN or an infinity gives NaN.
 *
 * <p>The quantisation is that of the operator DynamicQuantizeLinear of ONNX, applied to each row.
 */
public record DynamicQuantizedMatMul() implements Composite {
    /** Inputs X, W and S, output Y. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "DynamicQuantizedMatMul")
            .input("X", "T")
            .input("W", "Q")
            .input("S", "T")
            .output("Y", "T")
            .where("T", Types.set(DType.FLOAT32))
            .where("Q", Types.set(DType.INT8));

    private static final int INPUTS = 3;
    private static final float GREATEST = 255;

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    /** Steps that are numbered as they are added. */
    private static final class Steps {
        private final List<Composition.Step> list = new ArrayList<>();
        private final int first;

        private Steps(int first) {
            this.first = first;
        }

        private int add(Op op, int... operands) {
            List<Integer> numbers = new ArrayList<>();
            for (int operand : operands) {
                numbers.add(operand);
            }
            list.add(new Composition.Step(op, numbers, 1));
            return first + list.size() - 1;
        }
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        List<Tensor> constants =
                List.of(Tensor.scalar(0f), Tensor.scalar(GREATEST), Tensor.scalar(1f), Tensor.of(new long[] {-1}, 1));
        int zero = INPUTS;
        int greatest = INPUTS + 1;
        int one = INPUTS + 2;
        int axes = INPUTS + 3;
        Steps s = new Steps(INPUTS + constants.size());
        int least = s.add(new Min(), s.add(new ReduceMin(true, false), 0, axes), zero);
        int most = s.add(new Max(), s.add(new ReduceMax(true, false), 0, axes), zero);
        int step = s.add(new Div(), s.add(new Sub(), most, least), greatest);
        int scale = s.add(new Where(), s.add(new Equal(), step, zero), one, step);
        int zeroPoint = s.add(new Round(), s.add(new Div(), s.add(new Neg(), least), scale));
        int shifted = s.add(new Add(), s.add(new Round(), s.add(new Div(), 0, scale)), zeroPoint);
        int centred = s.add(new Sub(), s.add(new Clip(), shifted, zero, greatest), zeroPoint);
        int sums = s.add(new MatMul(), centred, s.add(new Cast(DType.FLOAT32, true, "up"), 1));
        int result = s.add(new Mul(), s.add(new Mul(), sums, scale), 2);
        return new Composition(INPUTS, constants, s.list, List.of(result));
    }
}
