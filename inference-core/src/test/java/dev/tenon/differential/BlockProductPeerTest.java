package dev.tenon.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.WriteOptions;
import dev.tenon.formats.onnx.OnnxWriter;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Literals;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * MatMulNBits as the writer writes it, with and without leave to round the left operand to bytes: the peer's results and those of a
 * session are about as far from the exact ones.
 */
@Tag("tiers")
class BlockProductPeerTest {
    private static final double EPSILON = 0x1p-23;

    /** Of the sum of absolute terms; a byte is off by half of 1/127 of the largest element of its block. */
    private static final double OF_BYTES = 0.004;

    private final Random random = new Random(4);

    @TempDir
    private Path folder;

    private Tensor floats(long... dims) {
        return Literals.normal(random, 1, DType.FLOAT32, dims);
    }

    private Tensor integers(DType type, long... dims) {
        return Literals.anyIntegers(random, type, dims);
    }

    private static Tensor absolute(Tensor t) {
        Tensor a = Tensor.allocate(DType.FLOAT32, t.dims());
        for (long i = 0; i < t.size(); i++) {
            a.setDouble(i, Math.abs(t.getDouble(i)));
        }
        return a;
    }

    @ParameterizedTest
    @CsvSource({
        "1, 64, 128, 32, 4, 4, false",
        "13, 70, 300, 32, 4, 4, true",
        "40, 33, 256, 64, 4, 0, true",
        "2, 48, 96, 16, 4, 1, false",
        "9, 100, 512, 128, 4, 4, true",
        "5, 80, 160, 32, 8, 4, true",
        "1, 17, 200, 256, 8, 0, false"
    })
    void theFileHasTheSameMeaningForBoth(int m, int n, int k, int block, int bits, int level, boolean zeros)
            throws Exception {
        BlockQuantizedMatMul op = new BlockQuantizedMatMul(block, level);
        DType type = bits == 4 ? DType.UINT4 : DType.UINT8;
        int blocks = Math.ceilDiv(k, block);
        Tensor a = floats(m, k);
        Tensor codes = integers(type, n, k);
        for (long i = 0; bits == Byte.SIZE && level == BlockQuantizedMatMul.BYTES && i < codes.size(); i++) {
            // On a processor without dot products of bytes the peer's sums of two products of bytes saturate in 16
            // bits.
            codes.setLong(i, codes.getLong(i) & Byte.MAX_VALUE);
        }
        Tensor scales = absolute(floats(n, blocks));
        Tensor middle = integers(type, n, blocks);
        for (long i = 0; !zeros && i < middle.size(); i++) {
            middle.setLong(i, 1L << (bits - 1));
        }
        Tensor bias = floats(n);
        GraphBuilder b = new GraphBuilder("product");
        Value x = b.input("a", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("m"), Dim.of(k))));
        Value y = b.add(
                op, x, b.constant("b", codes), b.constant("s", scales), b.constant("z", middle), b.constant("c", bias));
        Path path = folder.resolve("m.onnx");
        new OnnxWriter()
                .write(new ModelFile(b.output("y", y).build(), ModelMetadata.EMPTY), path, WriteOptions.standard());
        Model model = Model.load(path);
        Tensor found = model.predict(Map.of("a", a)).tensor();
        Tensor plain = model.session(SessionOptions.standard().optimize(false))
                .predict(Map.of("a", a))
                .tensor();
        Tensor peer = (Tensor) new Peer().run(path, Map.of("a", a)).getFirst();
        Tensor exact = (Tensor) op.reference(new Operands(op, "", Arrays.asList(a, codes, scales, middle, bias), 1))
                .getFirst();
        double largest = scale(a, codes, scales);
        double bound = largest * (level == BlockQuantizedMatMul.BYTES ? OF_BYTES : 16 * EPSILON);
        for (int i = 0; i < m * n; i++) {
            assertThat(Math.abs(found.getFloat(i) - exact.getFloat(i)))
                    .as("element %d", i)
                    .isLessThan((float) bound);
            assertThat(Math.abs(plain.getFloat(i) - exact.getFloat(i)))
                    .as("element %d", i)
                    .isLessThan((float) bound);
            assertThat(Math.abs(peer.getFloat(i) - exact.getFloat(i)))
                    .as("element %d of the peer", i)
                    .isLessThan((float) bound);
        }
    }

    /** About the sum of absolute terms: terms times the largest ones. */
    private static double scale(Tensor a, Tensor codes, Tensor scales) {
        double left = 0;
        for (long i = 0; i < a.size(); i++) {
            left += Math.abs(a.getFloat(i)) / a.dim(0);
        }
        double right = 0;
        for (long i = 0; i < scales.size(); i++) {
            right = Math.max(right, scales.getFloat(i));
        }
        return left * right * (codes.dtype().maxInteger() + 1);
    }
}
