package dev.tenon.differential.microsoft;

import dev.tenon.differential.Formulas;
import dev.tenon.differential.OperatorModel;
import dev.tenon.differential.StandardDefinitions;
import dev.tenon.differential.Tensors;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Operators of this domain on windows, computed through those of the standard in double precision. */
final class MicrosoftWindowDefinitions {
    private MicrosoftWindowDefinitions() {}

    static void add(Map<String, StandardDefinitions.Computation> all) {
        all.put(Microsoft.entry("FusedConv"), s -> List.of(convolution(s)));
        all.put(Microsoft.entry("NhwcMaxPool"), s -> List.of(greatest(s)));
        all.put(Microsoft.entry("MaxpoolWithMask"), s -> List.of(masked(s)));
        all.put(Microsoft.entry("QLinearAveragePool"), s -> List.of(average(s)));
    }

    private static Tensor standard(OperatorModel s, String operator, Tensor... operands) {
        OperatorModel own = OperatorModel.of(operator);
        for (Tensor t : operands) {
            if (t != null) {
                own.input(t);
            }
        }
        s.attributes().forEach(own::attribute);
        return (Tensor) Formulas.results(own).getFirst();
    }

    private static Tensor convolution(OperatorModel s) {
        Tensor[] operands = new Tensor[3];
        for (int i = 0; i < 3; i++) {
            operands[i] = s.operand(i) == null ? null : Tensors.convert(s.operand(i), DType.FLOAT64);
        }
        Tensor x = standard(s, "Conv", operands);
        boolean sigmoid = s.attribute("activation").equals("Sigmoid");
        Tensor y = Tensor.allocate(s.operand(0).dtype(), x.dims());
        for (long i = 0; i < y.size(); i++) {
            double v = x.getDouble(i);
            y.setDouble(i, sigmoid ? 1 / (1 + StrictMath.exp(-v)) : StrictMath.tanh(v));
        }
        return y;
    }

    private static Tensor greatest(OperatorModel s) {
        return moved(standard(s, "MaxPool", moved(s.operand(0), false)), true);
    }

    private static Tensor masked(OperatorModel s) {
        Tensor x = s.operand(0).copy();
        for (long i = 0; i < x.size(); i++) {
            if (s.operand(1).getLong(i) == 0) {
                x.setDouble(i, -Float.MAX_VALUE);
            }
        }
        return standard(s, "MaxPool", x);
    }

    private static Tensor average(OperatorModel s) {
        boolean last = Long.valueOf(1).equals(s.attribute("channels_last"));
        Tensor x = s.operand(0);
        Tensor centred = Tensors.convert(x, DType.FLOAT64);
        for (long i = 0; i < x.size(); i++) {
            centred.setDouble(i, x.getLong(i) - zero(s.operand(2)));
        }
        Tensor mean = standard(s, "AveragePool", last ? moved(centred, false) : centred);
        Tensor y = Tensor.allocate(x.dtype(), mean.dims());
        double ratio = s.operand(1).getDouble(0) / s.operand(3).getDouble(0);
        for (long i = 0; i < y.size(); i++) {
            double v = Math.rint(mean.getDouble(i) * ratio) + zero(s.operand(4));
            y.setLong(i, (long) Math.clamp(v, x.dtype().minInteger(), x.dtype().maxInteger()));
        }
        return last ? moved(y, true) : y;
    }

    private static double zero(Tensor t) {
        return t == null ? 0 : t.getLong(0);
    }

    /** With channels last, or with channels first again. */
    private static Tensor moved(Tensor x, boolean toLast) {
        int rank = x.rank();
        long channels = x.dim(toLast ? 1 : rank - 1);
        long pixels = x.size() / channels / x.dim(0);
        long[] dims = x.dims();
        System.arraycopy(x.dims(), toLast ? 2 : 1, dims, toLast ? 1 : 2, rank - 2);
        dims[toLast ? rank - 1 : 1] = channels;
        Tensor y = Tensor.allocate(x.dtype(), dims);
        for (long i = 0; i < x.size(); i++) {
            long inner = toLast ? pixels : channels;
            long outer = toLast ? channels : pixels;
            long image = i / (channels * pixels);
            x.copyElementTo(i, y, image * channels * pixels + i % inner * outer + i / inner % outer);
        }
        return y;
    }
}
