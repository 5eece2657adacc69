package dev.tenon.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.fixtures.DecoderRun;
import dev.tenon.formats.npy.Npy;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.TestData;
import dev.tenon.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Decoders that PyTorch has trained, in the forms that {@code benchmarks/decoders/train.py} writes, beside PyTorch's logits. */
class TrainedDecodersTest {
    private static Path folder(String name) {
        Path folder = Path.of(System.getProperty("tenon.models", "target/models"), "decoders", name);
        TestData.needs(
                Files.isDirectory(folder),
                "no trained decoders in " + folder.getParent().getFileName() + ": run benchmarks/decoders/train.py",
                "tenon.models.trained");
        return folder;
    }

    @ParameterizedTest
    @CsvSource({
        "bytes,model.gguf", "bytes,folder", "bytes,onnx",
        "pieces,model.gguf", "pieces,folder", "pieces,onnx"
    })
    void logitsAreThoseOfPyTorch(String name, String form) {
        Path folder = folder(name);
        Model model = Model.load(folder.resolve(form));
        Tensor tokens = Npy.read(folder.resolve("tokens.npy"));
        long count = tokens.dim(1);
        long[] ones = new long[(int) count];
        Arrays.fill(ones, 1);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("input_ids", tokens.slice(0, 1).copy());
        inputs.put("attention_mask", Tensor.of(ones, 1, count));
        inputs.put("position_ids", Tensor.of(LongStream.range(0, count).toArray(), 1, count));
        model.inputs().stream()
                .filter(input -> input.name().startsWith("past_key_values."))
                .forEach(input -> {
                    long[] dims = new long[4];
                    Arrays.setAll(
                            dims,
                            i -> ((TensorType) input.type()).shape().dim(i).orElse(0));
                    dims[0] = 1;
                    inputs.put(input.name(), Tensor.allocate(DType.FLOAT32, dims));
                });
        Tensor found = model.predict(inputs).tensor("logits");
        Tensor expected = Npy.read(folder.resolve("logits.npy"));
        DecoderRun.close(form, found.reshape(expected.dims()), expected, model);
    }

    /** Of both files, by the text that the ids of the script are from. */
    @ParameterizedTest
    @ValueSource(strings = {"bytes", "pieces"})
    void tokensAreThoseOfTheTrainer(String name) throws Exception {
        Path folder = folder(name);
        String text = Files.readString(folder.resolve("held-out.txt"));
        Tensor tokens = Npy.read(folder.resolve("tokens.npy"));
        int[] expected = new int[(int) tokens.size()];
        Arrays.setAll(expected, i -> (int) tokens.getLong(i));
        for (String file : new String[] {"model.gguf", "folder/tokenizer.json"}) {
            int[] found = Tokenizer.load(folder.resolve(file)).encode(text).ids();
            assertThat(Arrays.copyOf(found, expected.length)).as(file).isEqualTo(expected);
        }
    }
}
