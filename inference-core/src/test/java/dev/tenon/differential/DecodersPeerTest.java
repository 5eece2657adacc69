package dev.tenon.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.fixtures.DecoderRun;
import dev.tenon.fixtures.TinyDecoders;
import dev.tenon.fixtures.TinyDecoders.Family;
import dev.tenon.formats.gguf.GgufWriter;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Decoders that are saved as ONNX, as the peer runs them. */
class DecodersPeerTest {
    /** The most that the distribution of the next token may differ, as a Kullback-Leibler divergence. */
    private static final double EXACT = 1e-10;

    private static final double ROUNDED = 1e-6;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"LLAMA,FLOAT32", "QWEN2,FLOAT16", "QWEN3,BFLOAT16", "GEMMA3,FLOAT32"})
    void savedDecodersGiveTheSameLogits(Family family, DType type) throws Exception {
        check(family, TinyDecoders.gguf(family, type), EXACT);
    }

    /** Those with a minimum are saved as float16. */
    @ParameterizedTest
    @EnumSource
    void savedBlocksGiveTheSameLogits(BlockFormat format) throws Exception {
        boolean isExact = !format.hasMinimum();
        Model saved = check(Family.QWEN2, TinyDecoders.blocks(Family.QWEN2, format, false), isExact ? EXACT : ROUNDED);
        String bytes = Files.readString(folder.resolve("saved.onnx"), StandardCharsets.ISO_8859_1);
        // Rows that are no multiple of 256 are Q4_0.
        boolean hasExact = isExact || format.blockSize() > 32;
        assertThat(bytes.contains("MatMulNBits")).isEqualTo(hasExact);
        assertThat(bytes.contains("GatherBlockQuantized")).isEqualTo(hasExact);
        assertThat(saved.graph().constants().stream().anyMatch(v -> v.constant().dtype() == DType.FLOAT16))
                .isEqualTo(!isExact);
    }

    /** Compares the model that is saved, and the model as it was read, with the peer's results for the saved one. */
    private Model check(Family family, GgufWriter file, double mostDivergence) throws Exception {
        Model model = Model.load(ByteBuffer.wrap(file.bytes()));
        Path saved = folder.resolve("saved.onnx");
        model.save(saved);
        DecoderRun run = new DecoderRun(model.session(), family);
        run.step(1, 300, 17, 99, 5);
        Map<String, Tensor> inputs = run.inputs(42, 310);
        Tensor found = model.predict(inputs).tensor("logits");
        List<Datum> expected = new Peer().run(saved, inputs);
        Tensor logits = (Tensor) expected.getFirst();
        assertThat(logits.dims()).containsExactly(1, 2, TinyDecoders.VOCABULARY);
        Model again = Model.load(saved);
        Closeness.check("as saved", again.predict(inputs).tensor("logits"), logits, null, DecoderRun.numerics(model));
        assertThat(DecoderRun.divergence(DecoderRun.lastRow(found), DecoderRun.lastRow(logits)))
                .as("as read")
                .isLessThanOrEqualTo(mostDivergence);
        return again;
    }
}
