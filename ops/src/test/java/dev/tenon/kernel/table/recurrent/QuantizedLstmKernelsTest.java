package dev.tenon.kernel.table.recurrent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.recurrent.DynamicQuantizeLSTM;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The kernel of LSTM with weights of bytes against the reference. */
class QuantizedLstmKernelsTest {
    private static Tensor real(Random random, double least, double greatest, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, least + (greatest - least) * random.nextDouble());
        }
        return t;
    }

    private static Tensor whole(Random random, DType type, int least, int greatest, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, random.nextInt(least, greatest + 1));
        }
        return t;
    }

    @Property(tries = 60)
    void anySizes(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int batch,
            @ForAll @IntRange(min = 1, max = 5) int steps,
            @ForAll @IntRange(min = 1, max = 19) int input,
            @ForAll @IntRange(min = 1, max = 17) int hidden,
            @ForAll boolean signed) {
        Random random = new Random(seed);
        List<String> directions = List.of("forward", "reverse", "bidirectional");
        String direction = directions.get(random.nextInt(3));
        long d = direction.equals("bidirectional") ? 2 : 1;
        long gates = 4L * hidden;
        DType type = signed ? DType.INT8 : DType.UINT8;
        int least = signed ? -128 : 0;
        boolean ofColumns = random.nextBoolean();
        boolean batchFirst = random.nextBoolean();
        long[] parameters = ofColumns ? new long[] {d, gates} : new long[] {d};
        long[] states = batchFirst ? new long[] {batch, d, hidden} : new long[] {d, batch, hidden};
        boolean all = random.nextBoolean();
        List<Tensor> operands = Arrays.asList(
                batchFirst ? real(random, -2, 3, batch, steps, input) : real(random, -2, 3, steps, batch, input),
                whole(random, type, least, least + 255, d, input, gates),
                whole(random, type, least, least + 255, d, hidden, gates),
                all ? real(random, -1, 1, d, 2 * gates) : null,
                random.nextBoolean() ? whole(random, DType.INT32, 0, steps, batch) : null,
                all ? real(random, -1, 1, states) : null,
                random.nextBoolean() ? real(random, -1, 1, states) : null,
                all ? real(random, -1, 1, d, 3L * hidden) : null,
                real(random, 0.001, 0.01, parameters),
                whole(random, type, 0, 5, parameters),
                real(random, 0.001, 0.01, parameters),
                whole(random, type, 0, 5, parameters));
        DynamicQuantizeLSTM op = DynamicQuantizeLSTM.of(Attributes.none()
                .with("hidden_size", (long) hidden)
                .with("direction", direction)
                .with("layout", batchFirst ? 1L : 0L)
                .with("input_forget", random.nextInt(4) == 0 ? 1L : 0L)
                .with("clip", random.nextInt(4) == 0 ? 0.5f : 100f));
        String id = KernelCheck.run(CoreKernels.set(), op, operands, 1 + random.nextInt(3), Capabilities.SCALAR);
        assertThat(id).as("seed %d", seed).isEqualTo("lstm_i8_scalar");
    }
}
