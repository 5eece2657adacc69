package dev.tenon.differential.microsoft;

import dev.tenon.differential.Formulas;
import dev.tenon.differential.OperatorModel;
import dev.tenon.differential.StandardDefinitions;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/** Operators of the domain, computed in double precision as the documentation describes them. */
public final class MicrosoftDefinitions {
    private MicrosoftDefinitions() {}

    /** Adds the definitions by the names of their entries. */
    public static void add(Map<String, StandardDefinitions.Computation> all) {
        MicrosoftProductDefinitions.add(all);
        MicrosoftNormDefinitions.add(all);
        MicrosoftWindowDefinitions.add(all);
        MicrosoftQuantDefinitions.add(all);
        MicrosoftDecoderDefinition.add(all);
        all.put(Microsoft.entry("QuickGelu"), s -> {
            double alpha = s.attribute("alpha") instanceof Float f ? f : 1.702f;
            return each(s, x -> x / (1 + StrictMath.exp(-alpha * x)));
        });
        all.put(Microsoft.entry("GemmFastGelu"), MicrosoftDefinitions::productGelu);
        all.put(Microsoft.entry("FastGelu"), s -> each(s, x -> Formulas.gelu(x, true)));
        all.put(Microsoft.entry("BiasGelu"), s -> each(s, x -> Formulas.gelu(x, false)));
    }

    private static List<Tensor> productGelu(OperatorModel s) {
        Tensor a = s.operand(0);
        Tensor b = s.operand(1);
        Tensor bias = s.operand(2);
        long k = b.dim(0);
        long n = b.dim(1);
        long[] dims = a.dims();
        dims[dims.length - 1] = n;
        Tensor y = Tensor.allocate(a.dtype(), dims);
        for (long i = 0; i < y.size(); i++) {
            double sum = bias == null ? 0 : bias.getDouble(i % n);
            for (long j = 0; j < k; j++) {
                sum += a.getDouble(i / n * k + j) * b.getDouble(j * n + i % n);
            }
            y.setDouble(i, Formulas.gelu(sum, true));
        }
        return List.of(y);
    }

    /** The function of each element plus an element of the row that is the second operand. */
    private static List<Tensor> each(OperatorModel s, DoubleUnaryOperator function) {
        Tensor x = s.operand(0);
        Tensor bias = s.operand(1);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        for (long i = 0; i < y.size(); i++) {
            double added = bias == null ? 0 : bias.getDouble(i % bias.size());
            y.setDouble(i, function.applyAsDouble(x.getDouble(i) + added));
        }
        return List.of(y);
    }
}
