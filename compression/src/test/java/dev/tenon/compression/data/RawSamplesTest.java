package dev.tenon.compression.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Evaluation;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Samples;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TenonException;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.image.ColorMode;
import dev.tenon.image.ImagePreprocessor;
import dev.tenon.table.TableInput;
import dev.tenon.table.TableRows;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RawSamplesTest {
    @TempDir
    private Path folder;

    private static Model model(String text) {
        return Model.of(GraphText.parse("graph g" + text, StandardOperators.set()));
    }

    private static final Model TOKENS = model("""
            (%input_ids: i64[n,t], %attention_mask: i64[n,t]) { %s = Add(%input_ids, %attention_mask)
              %y = Cast<to=1>(%s) return %y }""");

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Path tokenizer() throws IOException {
        return file("tokenizer.json", """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
                 "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
                 "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 1, "b": 2, "c": 3}, "unk_token": "[UNK]"}}""");
    }

    private static List<Samples.Call> calls(Samples samples, Model model) {
        List<Samples.Call> calls = new ArrayList<>();
        samples.bind(model.inputs()).forEach(calls::add);
        return calls;
    }

    @Test
    void eachLineIsATextOfItsOwnLength() throws IOException {
        Path texts = file("texts.txt", "a b\n\na b c x\n");
        Samples samples = RawSamples.texts(texts, Tokenizer.load(tokenizer()));
        assertThat(samples.bind(TOKENS.inputs()).samples()).isEqualTo(3);
        List<Samples.Call> calls = calls(samples, TOKENS);
        assertThat(calls)
                .extracting(call -> call.inputs().get("input_ids").toLongArray())
                .containsExactly(new long[] {1, 2}, new long[] {}, new long[] {1, 2, 3, 0});
        assertThat(calls.getLast().inputs().keySet()).containsExactlyInAnyOrder("input_ids", "attention_mask");
        assertThat(calls(samples, TOKENS)).as("a second pass").hasSize(3);
    }

    @Test
    void textsAreFilledToAFixedLengthAndLongerOnesAreNamed() throws IOException {
        Model fixed = model("(%input_ids: i64[1,3]) { %y = Cast<to=1>(%input_ids) return %y }");
        Samples good = RawSamples.texts(file("good.txt", "a\nb c\n"), Tokenizer.load(tokenizer()));
        assertThat(calls(good, fixed))
                .extracting(call -> call.inputs().get("input_ids").dim(1))
                .containsExactly(3L, 3L);
        Path longer = file("long.txt", "a\na b c a\n");
        assertThatThrownBy(() ->
                        RawSamples.texts(longer, Tokenizer.load(tokenizer())).bind(fixed.inputs()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("long.txt, line 2: 4 tokens; allowed at most 3, which input 'input_ids' takes");
        Tokenizer cutting =
                Tokenizer.load(tokenizer(), TokenizerOptions.standard().maxLength(3));
        assertThat(calls(RawSamples.texts(longer, cutting), fixed)).hasSize(2);
    }

    @Test
    void wrongTextsAreNamedBeforeAnyWork() throws IOException {
        Tokenizer tokenizer = Tokenizer.load(tokenizer());
        Path latin = Files.write(folder.resolve("latin.txt"), new byte[] {'a', (byte) 0xE4, '\n'});
        Model other = model("(%x: f32[n,2]) { %y = Neg(%x) return %y }");
        Model narrow = model("(%input_ids: i32[n,t]) { %y = Cast<to=1>(%input_ids) return %y }");
        record Wrong(Path file, Model model, String message) {}
        List<Wrong> all = List.of(
                new Wrong(file("empty.txt", ""), TOKENS, "no line"),
                new Wrong(latin, TOKENS, "not UTF-8"),
                new Wrong(folder.resolve("none.txt"), TOKENS, "none.txt"),
                new Wrong(file("a.txt", "a"), other, "a model with the inputs x"),
                new Wrong(file("a.txt", "a"), narrow, "a.txt, line 1: i64[1,1] for input 'input_ids'"));
        for (Wrong wrong : all) {
            assertThatThrownBy(() -> RawSamples.texts(wrong.file(), tokenizer)
                            .bind(wrong.model().inputs()))
                    .isInstanceOf(TenonException.class)
                    .hasMessageContaining(wrong.message());
        }
    }

    private void image(String name, int width, int red) throws IOException {
        BufferedImage image = new BufferedImage(width, 2, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, red << 16);
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
    }

    @Test
    void imagesComeInTheOrderOfTheirPaths() throws IOException {
        image("p/cat/2.png", 2, 20);
        image("p/cat/1.PNG", 2, 10);
        image("p/ant/9.png", 2, 90);
        file("p/readme.md", "no image");
        Path pictures = folder.resolve("p");
        Model model = model("(%x: f32[n,3,2,2]) { %y = Neg(%x) return %y }");
        ImagePreprocessor plain = ImagePreprocessor.of(ColorMode.RGB);
        Samples samples = RawSamples.images(pictures, plain);
        assertThat(samples.bind(model.inputs()).samples()).isEqualTo(3);
        assertThat(calls(samples, model))
                .extracting(call -> call.inputs().get("x").getDouble(0))
                .containsExactly(90.0, 10.0, 20.0);
        assertThat(RawSamples.imageClasses(pictures).toLongArray()).containsExactly(0, 1, 1);
        image("p/ant/1.png", 3, 1);
        assertThatThrownBy(() -> samples.bind(model.inputs()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("1.png: f32[1,3,2,3] for input 'x'");
        image("p/0.png", 2, 1);
        assertThatThrownBy(() -> RawSamples.imageClasses(pictures)).hasMessageContaining("in no folder of a class");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> RawSamples.images(empty, plain).bind(model.inputs()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("empty: no image");
        assertThatThrownBy(() -> RawSamples.images(pictures, plain).bind(TOKENS.inputs()))
                .hasMessageContaining("a model of 2 inputs");
    }

    /** Rows of maps, which tell whether they were closed. */
    private static final class Rows implements AutoCloseable {
        private int closed;

        TableRows of(List<Map<String, Object>> rows) {
            TableRows plain = TableRows.ofMaps(rows, List.of("b", "a"));
            return (TableRows) java.lang.reflect.Proxy.newProxyInstance(
                    Rows.class.getClassLoader(),
                    new Class<?>[] {TableRows.class, AutoCloseable.class},
                    (proxy, method, args) -> {
                        if (method.getName().equals("close")) {
                            close();
                            return null;
                        }
                        return method.invoke(plain, args);
                    });
        }

        @Override
        public void close() {
            closed++;
        }
    }

    @Test
    void rowsOfTablesComeInBatches() {
        Model model = model("(%x: f32[n,2]) { %y = Neg(%x) return %y }");
        TableInput table = TableInput.of(model, Map.of("x", List.of("a", "b")));
        List<Map<String, Object>> maps = IntStream.range(0, 100)
                .mapToObj(i -> Map.<String, Object>of("a", i, "b", -i))
                .toList();
        Rows rows = new Rows();
        Samples samples = RawSamples.rows(table, () -> rows.of(maps));
        assertThat(samples.bind(model.inputs()).samples()).isEqualTo(100);
        List<Samples.Call> calls = calls(samples, model);
        assertThat(calls).extracting(Samples.Call::samples).containsExactly(64L, 36L);
        assertThat(calls.getFirst().inputs().get("x").toFloatArray()).startsWith(0, 0, 1, -1, 2, -2);
        assertThat(calls.getLast().inputs().get("x").toFloatArray()).startsWith(64, -64);
        assertThat(rows.closed).isEqualTo(3);
        Model four = model("(%x: f32[4,2]) { %y = Neg(%x) return %y }");
        assertThat(calls(RawSamples.rows(table, () -> rows.of(maps)), four)).hasSize(25);
        List<Map<String, Object>> wrong = List.of(Map.of("a", 1, "b", 2), Map.of("a", "x", "b", 2));
        assertThatThrownBy(() -> RawSamples.rows(table, () -> rows.of(wrong)).bind(model.inputs()))
                .isInstanceOf(TenonException.class)
                .hasMessageContaining("row 1, column 'a'");
        assertThatThrownBy(
                        () -> RawSamples.rows(table, () -> rows.of(List.of())).bind(model.inputs()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("rows of a table: none");
    }

    @Test
    void aSeededOrderKeepsWithinItsBlocks() {
        Model model = model("(%x: f32[n,2]) { %y = Neg(%x) return %y }");
        List<Map<String, Tensor>> all = IntStream.range(0, 100)
                .mapToObj(i -> Map.of("x", Tensor.of(new float[] {i, 0}, 1, 2)))
                .toList();
        Samples plain = Samples.of(all);
        List<Float> order = order(RawSamples.shuffled(plain, 7, 10 * 8), model);
        assertThat(order).hasSize(100).doesNotHaveDuplicates();
        for (int i = 0; i < 100; i++) {
            int block = i - i % 10;
            assertThat(order.get(i)).isBetween((float) block, block + 9f);
        }
        assertThat(order).isNotEqualTo(order(plain, model));
        assertThat(order(RawSamples.shuffled(plain, 7, 10 * 8), model)).isEqualTo(order);
        assertThat(order(RawSamples.shuffled(plain, 8, 10 * 8), model)).isNotEqualTo(order);
        assertThat(order(RawSamples.shuffled(plain, 7, 1), model))
                .as("blocks of a call")
                .isEqualTo(order(plain, model));
        assertThatThrownBy(() -> RawSamples.shuffled(plain, 7, 0)).isInstanceOf(InvalidOptionException.class);
    }

    private static List<Float> order(Samples samples, Model model) {
        return calls(samples, model).stream()
                .map(call -> (float) call.inputs().get("x").getDouble(0))
                .toList();
    }

    @Test
    void labelsDoNotBelongToShuffledSamples() {
        Model model = model("(%x: f32[n,2]) { %y = Neg(%x) return %y }");
        Samples two = Samples.of(List.of(
                Map.of("x", Tensor.of(new float[] {1, 0}, 1, 2)), Map.of("x", Tensor.of(new float[] {2, 0}, 1, 2))));
        Samples shuffled = RawSamples.shuffled(two, 1, 1 << 20);
        assertThatThrownBy(() -> new Evaluation(model, shuffled, Metric.accuracy(Tensor.of(new long[] {0, 1}))))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("shuffled samples");
        assertThat(new Evaluation(model, shuffled, Metric.cosine()).score(model).after())
                .isEqualTo(1);
    }
}
