package dev.tenon.samples.models;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TestData;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a session of a real model saves: an optimised model that ONNX Runtime runs, and a package that Tenon runs. */
@Tag("models")
@Tag("vector")
class SavedRealModelsTest {
    @ParameterizedTest
    @EnumSource(
            names = {
                "MINILM",
                "MINILM_INT8",
                "OCR_RECOGNITION",
                "MOBILENET",
                "MOBILENET_QDQ",
                "MOBILENET_INTEGERS",
                "FACES",
                "VOICE"
            })
    void othersRunWhatIsOptimised(RealModel real, @TempDir Path folder) throws Exception {
        TestData.fetched(real.path());
        Session session = Model.load(real.path()).session();
        Path optimised = folder.resolve("optimised.onnx");
        session.save(optimised);
        Map<String, Tensor> inputs = real.inputs();
        Outputs expected = session.predict(inputs);
        try (OnnxRuntimeModel reference = new OnnxRuntimeModel(optimised, OptLevel.NO_OPT)) {
            Map<String, Tensor> found = reference.run(inputs);
            assertThat(found.keySet()).isEqualTo(expected.keySet());
            for (String name : found.keySet()) {
                if (real.quantized()) {
                    assertThat(Difference.cosine(found.get(name), expected.tensor(name)))
                            .as("cosine, %s, %s", real, name)
                            .isGreaterThanOrEqualTo(RealModelsTest.MIN_QUANTIZED_COSINE);
                } else {
                    assertThat(Difference.relativeToLargest(found.get(name), expected.tensor(name)))
                            .as("difference relative to the largest value, %s, %s", real, name)
                            .isLessThanOrEqualTo(RealModelsTest.TOLERANCE);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPackageRunsAsTheSessionThatSavedIt(RealModel real, @TempDir Path folder) {
        TestData.fetched(real.path());
        Session session = Model.load(real.path()).session();
        Map<String, Tensor> inputs = real.inputs();
        Outputs expected = session.predict(inputs);
        Path saved = folder.resolve("saved.tenon");
        session.save(saved);
        Outputs found = Model.load(saved).predict(inputs);
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        for (String name : expected.keySet()) {
            assertThat(found.tensor(name).contentEquals(expected.tensor(name)))
                    .as("%s, %s", real, name)
                    .isTrue();
        }
    }
}
