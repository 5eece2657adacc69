package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.HostileFiles;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Damage;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.ProcessMemory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no models, or harmful models. Each ends in a typed exception, soon and with little memory. */
class BadModelFileTest {
    /** A flipped bit may ask for a loop of 2^40 iterations. */
    private static final SessionOptions CAREFUL = SessionOptions.standard()
            .maxTensorBytes(1 << 20)
            .timeLimit(Duration.ofMillis(100))
            .threads(1);

    private static final Map<String, Tensor> INPUTS = Map.of("x", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));

    @TempDir
    private Path folder;

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("model.onnx"), bytes);
    }

    /** The failure of loading a file. It is the same for copies, streams and buffers. */
    private TenonException failure(byte[] bytes) throws IOException {
        Path file = write(bytes);
        TenonException e = Typed.failure(() -> Model.load(file));
        for (TenonException other : List.of(
                Typed.failure(() -> Model.load(file, LoadOptions.standard().copied())),
                Typed.failure(() -> Model.load(new ByteArrayInputStream(bytes))),
                Typed.failure(() -> Model.load(ByteBuffer.wrap(bytes))))) {
            assertThat(other).hasSameClassAs(e);
        }
        return e;
    }

    @Test
    void missing() {
        assertThat(Typed.failure(() -> Model.load(folder.resolve("nothing.onnx"))))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("nothing.onnx")
                .hasMessageContaining("no such file");
    }

    @Test
    void folder() {
        assertThat(Typed.failure(() -> Model.load(folder)))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("a folder");
        assertThat(Typed.failure(() -> Model.load(Path.of("/")))).isInstanceOf(ModelFileException.class);
        assertThat(Typed.failure(() -> Model.load(Path.of("")))).isInstanceOf(ModelFileException.class);
    }

    @Test
    void empty() throws IOException {
        assertThat(failure(new byte[0]))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("ONNX");
    }

    @Test
    void text() throws IOException {
        for (String text : List.of(
                "This is a text file.\n",
                "Really, it is.\n",
                "{\"model\": 1}",
                "<html></html>",
                "\n\n\n",
                "version https://git-lfs.github.com/spec/v1\n")) {
            assertThat(failure(text.getBytes(StandardCharsets.UTF_8)))
                    .as(text)
                    .isInstanceOf(MalformedModelException.class);
        }
    }

    @Test
    void filesInThePlaceOfAModelAreToldApart() throws IOException {
        byte[] pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 90405214\n"
                .getBytes(StandardCharsets.UTF_8);
        assertThat(failure(pointer))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("a pointer of Git LFS")
                .hasMessageContaining("git lfs pull");
        for (String page : List.of("<!DOCTYPE html>\n<html>", "\n  <html lang=\"en\">", "<!doctype HTML><head>")) {
            assertThat(failure(page.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("an HTML page")
                    .hasMessageContaining("/resolve/");
        }
        assertThat(failure(new byte[0]))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("an empty file");
        Files.write(folder.resolve("weights.bin"), pointer);
        Path file = write(ModelLoadTest.external("weights.bin").bytes());
        assertThat(Typed.failure(() -> Model.load(file)))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("external data 'weights.bin'")
                .hasMessageContaining("git lfs pull");
    }

    @Test
    void aMissingFileOfWeightsIsToBeCopied() throws IOException {
        Path file = write(ModelLoadTest.external("weights.bin").bytes());
        assertThat(Typed.failure(() -> Model.load(file)))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("external data 'weights.bin'")
                .hasMessageContaining("no such file")
                .hasMessageContaining("copy 'weights.bin' from where the model is from to " + folder);
    }

    @Test
    void randomBytes() throws IOException {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = new byte[1 + random.nextInt(2000)];
            random.nextBytes(bytes);
            assertThat(failure(bytes)).as("seed %d, file %d", seed, i).isNotNull();
        }
    }

    @Test
    void truncated() throws IOException {
        byte[] whole = everyPart();
        assertThat(Typed.failureOrNull(() -> Model.load(ByteBuffer.wrap(whole)).predict(INPUTS)))
                .isNull();
        Damage.truncations(whole, (damage, part) -> {
            TenonException e = Typed.failureOrNull(() -> Model.load(ByteBuffer.wrap(part)));
            if (e == null) {
                // The cut is between two fields: the rest is a model with fewer fields.
                assertThat(run(Model.load(ByteBuffer.wrap(part))))
                        .as(damage)
                        .satisfiesAnyOf(
                                x -> assertThat(x).isNull(),
                                x -> assertThat(x).isInstanceOf(InvalidInputException.class));
            }
        });
    }

    /** A model with weights, attributes, subgraphs and computed shapes. */
    private static byte[] everyPart() {
        OnnxFile then = OnnxFile.graph("then")
                .node("Neg", List.of("flat"), List.of("t"))
                .output("t", "f32[6]");
        OnnxFile otherwise = OnnxFile.graph("else")
                .node("Abs", List.of("flat"), List.of("e"))
                .output("e", "f32[6]");
        OnnxFile body = OnnxFile.graph("body")
                .input("i", "i64[]")
                .input("go", "bool[]")
                .input("v", "f32[6]")
                .node("Identity", List.of("go"), List.of("on"))
                .node("Add", List.of("v", "one"), List.of("w"))
                .output("on", "bool[]")
                .output("w", "f32[6]");
        return OnnxFile.graph("parts")
                .input("x", "f32[n,2]")
                .initializer("w", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3))
                .initializer("one", Tensor.of(new float[] {1}))
                .initializer("six", Tensor.of(new long[] {6}))
                .initializer("shape", Tensor.of(new long[] {2, 6}))
                .initializer("two", Tensor.scalar(2L))
                .initializer("yes", Tensor.scalar(true))
                .node("MatMul", List.of("x", "w"), List.of("m"))
                .node("Reshape", List.of("m", "six"), List.of("flat"))
                .node(
                        "If",
                        List.of("yes"),
                        List.of("chosen"),
                        OnnxFile.body("then_branch", then),
                        OnnxFile.body("else_branch", otherwise))
                .node("Loop", List.of("two", "", "chosen"), List.of("looped"), OnnxFile.body("body", body))
                .node("Expand", List.of("looped", "shape"), List.of("wide"))
                .node("Softmax", List.of("wide"), List.of("y"), OnnxFile.number("axis", -1))
                .output("y", "f32[2,6]")
                .bytes();
    }

    private static TenonException run(Model model) {
        return Typed.failureOrNull(() -> model.session(CAREFUL).predict(INPUTS));
    }

    @Test
    void everyBitFlipped() throws IOException {
        byte[] whole = everyPart();
        long live = ProcessMemory.liveHeapBytes();
        long before = ProcessMemory.residentBesideHeap();
        int[] counts = new int[2];
        Damage.flips(whole, Exhaustive.step(11), (damage, flipped) -> {
            Model[] model = new Model[1];
            TenonException e = Typed.failureOrNull(() -> model[0] = Model.load(ByteBuffer.wrap(flipped)));
            if (e == null) {
                counts[0]++;
                counts[1] += run(model[0]) == null ? 1 : 0;
            }
        });
        assertThat(ProcessMemory.residentBesideHeap() - before)
                .as("bytes taken beside the heap")
                .isLessThan(1L << 30);
        assertThat(ProcessMemory.liveHeapBytes() - live)
                .as("bytes that stay on the heap")
                .isLessThan(1L << 26);
        assertThat(counts[0]).as("models that still load").isBetween(1, 8 * whole.length - 1);
        assertThat(counts[1]).as("models that still run").isBetween(1, counts[0]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../outside.bin", "/etc/passwd", "sub/../../outside.bin", "", "link.bin", ".", "missing.bin"})
    void externalDataOutsideTheFolder(String location) throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.write(folder.resolve("outside.bin"), new byte[64]);
        Files.createSymbolicLink(inner.resolve("link.bin"), folder.resolve("outside.bin"));
        Path file = Files.write(
                inner.resolve("model.onnx"), ModelLoadTest.external(location).bytes());
        for (LoadOptions options :
                List.of(LoadOptions.standard(), LoadOptions.standard().copied())) {
            assertThat(Typed.failure(() -> Model.load(file, options)))
                    .isInstanceOfAny(ModelFileException.class, MalformedModelException.class);
        }
    }

    @Test
    void externalDataThatIsTooShort() throws IOException {
        Files.write(folder.resolve("short.bin"), new byte[7]);
        Path file = write(ModelLoadTest.external("short.bin").bytes());
        assertThat(Typed.failure(() -> Model.load(file)))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("short.bin");
    }

    @Test
    void unknownOperator() throws IOException {
        byte[] bytes = OnnxFile.graph("unknown")
                .input("x", "f32[n]")
                .node("Quantum", List.of("x"), List.of("y"))
                .output("y", "f32[n]")
                .bytes();
        assertThat(failure(bytes))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("Quantum")
                .hasMessageContaining("make_y")
                .hasMessageNotContaining("if that is meant");
    }

    @ParameterizedTest
    @CsvSource({"MatMull, MatMul", "softmax, Softmax", "LayerNormalisation, LayerNormalization", "Ad, Add", "Tahn, Tanh"
    })
    void misspeltOperators(String operator, String meant) throws IOException {
        byte[] bytes = OnnxFile.graph("unknown")
                .input("x", "f32[n]")
                .node(operator, List.of("x"), List.of("y"))
                .output("y", "f32[n]")
                .bytes();
        assertThat(failure(bytes))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("operator " + operator)
                .hasMessageContaining("write " + meant + " if that is meant");
    }

    @Test
    void operatorsWithNamesOfAnyLength() throws IOException {
        byte[] bytes = OnnxFile.graph("unknown")
                .input("x", "f32[n]")
                .node("MatMul".repeat(100_000), List.of("x"), List.of("y"))
                .output("y", "f32[n]")
                .bytes();
        assertThat(failure(bytes)).isInstanceOf(UnsupportedModelException.class);
    }

    @Test
    void undefinedValues() throws IOException {
        byte[] bytes = OnnxFile.graph("undefined")
                .input("x", "f32[n]")
                .node("Add", List.of("x", "ghost"), List.of("y"))
                .output("y", "f32[n]")
                .bytes();
        assertThat(failure(bytes)).isInstanceOf(MalformedModelException.class).hasMessageContaining("ghost");
    }

    @Test
    void cycles() throws IOException {
        byte[] bytes = OnnxFile.graph("cycle")
                .input("x", "f32[n]")
                .node("Add", List.of("x", "b"), List.of("a"))
                .node("Neg", List.of("a"), List.of("b"))
                .output("a", "f32[n]")
                .bytes();
        assertThat(failure(bytes)).isInstanceOf(MalformedModelException.class);
    }

    @Test
    void subgraphsNestedTenThousandDeep() throws IOException {
        assertThat(failure(HostileFiles.nestedGraphs(10_000))).hasMessageContaining("maxNesting");
    }

    /** The stack has a size of its own: a JVM has another one on each kind of machine. */
    @Test
    void subgraphsNestedAsDeepAsAllowed() throws InterruptedException {
        AtomicInteger deepest = new AtomicInteger();
        Thread thread = new Thread(null, () -> deepest.set(deepestThatRuns()), "deep", 4 << 20);
        thread.start();
        thread.join();
        assertThat(deepest).hasValueBetween(50, 128);
    }

    private static int deepestThatRuns() {
        LoadOptions deepest =
                LoadOptions.standard().limits(LoadOptions.standard().limits().maxNesting(128));
        int deepestThatRan = 0;
        for (int depth = 1; depth < 135; depth += depth < 50 ? 7 : depth < 118 ? Exhaustive.step(9) : 1) {
            byte[] bytes = HostileFiles.nestedGraphs(depth);
            TenonException e = Typed.failureOrNull(() -> {
                Model model = Model.load(ByteBuffer.wrap(bytes), deepest);
                model.predict(Map.of("c", Tensor.scalar(true)));
            });
            deepestThatRan = e == null ? depth : deepestThatRan;
        }
        return deepestThatRan;
    }

    @Test
    void typesNestedTenThousandDeep() throws IOException {
        assertThat(failure(HostileFiles.nestedTypes(10_000))).hasMessageContaining("maxNesting");
    }

    @Test
    void tensorsThatClaimMoreThanTheFileHas() throws IOException {
        long before = ProcessMemory.residentBesideHeap();
        for (long[] dims : new long[][] {
            {1L << 60}, {1L << 30, 1L << 30}, {1L << 40, 1L << 40}, {Long.MAX_VALUE, 2}, {-1}, {3}, {1L << 34}
        }) {
            assertThat(failure(HostileFiles.claimingTensor(dims)))
                    .as(Arrays.toString(dims))
                    .hasMessageContaining("'w'");
        }
        assertThat(ProcessMemory.residentBesideHeap() - before)
                .as("bytes taken")
                .isLessThan(1L << 28);
    }

    @Test
    void constantsThatWouldBlowUp() {
        byte[] bytes = OnnxFile.graph("expand")
                .input("x", "f32[1]")
                .initializer("one", Tensor.of(new float[] {1}))
                .initializer("huge", Tensor.of(new long[] {1L << 40}))
                .node("Expand", List.of("one", "huge"), List.of("wide"))
                .node("Add", List.of("x", "wide"), List.of("y"))
                .output("y", "f32[1099511627776]")
                .bytes();
        Model model = Model.load(ByteBuffer.wrap(bytes));
        long before = ProcessMemory.residentBesideHeap();
        assertThat(Typed.failure(() -> model.predict(Map.of("x", Tensor.of(new float[] {1})))))
                .hasMessageContaining("bytes");
        assertThat(ProcessMemory.residentBesideHeap() - before)
                .as("bytes taken")
                .isLessThan(1L << 28);
    }

    @Test
    void theSmallModelItselfIsRight() {
        assertThat(Typed.failureOrNull(
                        () -> Model.load(ByteBuffer.wrap(everyPart())).predict(INPUTS)))
                .isNull();
        assertThat(Model.load(ByteBuffer.wrap(SmallModels.doubleFile())).inputs())
                .hasSize(1);
    }
}
