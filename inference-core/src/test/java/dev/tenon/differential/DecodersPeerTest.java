package dev.tenon.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.fixtures.DecoderRun;
import dev.tenon.fixtures.TinyDecoders;
import dev.tenon.fixtures.TinyDecoders.Family;
import dev.tenon.op.Numerics;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Decoders that are saved as ONNX, as the peer runs them. */
class DecodersPeerTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"LLAMA,FLOAT32", "QWEN2,FLOAT16", "QWEN3,BFLOAT16", "GEMMA3,FLOAT32"})
    void savedDecodersGiveTheSameLogits(Family family, DType type) throws Exception {
        Model model = Model.load(ByteBuffer.wrap(TinyDecoders.bytes(TinyDecoders.gguf(family, type))));
        Path saved = folder.resolve("saved.onnx");
        model.save(saved);
        DecoderRun run = new DecoderRun(model.session(), family);
        run.step(1, 300, 17, 99, 5);
        Map<String, Tensor> inputs = run.inputs(42, 310);
        Tensor found = model.predict(inputs).tensor("logits");
        List<Datum> expected = new Peer().run(saved, inputs);
        double terms = model.graph().nodes().stream()
                .mapToDouble(node -> node.op().numerics().terms() + node.op().numerics().ulps())
                .sum();
        Tensor logits = (Tensor) expected.getFirst();
        assertThat(logits.dims()).containsExactly(1, 2, TinyDecoders.VOCABULARY);
        Closeness.check("logits", found, logits, null, new Numerics(0, terms, 8));
    }
}
