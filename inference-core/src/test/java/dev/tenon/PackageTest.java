package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Exhaustive;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Packages that sessions save. A loaded package runs as the session that saved it, and a damaged package is refused.
 */
@Tag("tiers")
class PackageTest {
    private static final int HEADER = 64;
    private static final int VERSION_AT = 8;
    private static final int CHECKSUM_AT = 12;
    private static final int HEAD_BYTES_AT = 24;
    private static final int HEAD_CHECKSUM_AT = 32;

    private static final String BRANCHES = """
        graph "two ways" (%x: f32[n,3]) {
          %names = const string[2] {"low", "\\xc3\\xa9\\x00\\""}
          %zero = const f32[] {0.0}
          %nan = const f32[2] {NaN, -0.0}
          %sum = ReduceSum<keepdims=0>(%x)
          %some = Greater(%sum, %zero)
          %y = If<else_branch=graph no(%x: f32[n,3]) {
            %c = const f32[3] {1.0, 2.0, 3.0}
            %r = Sub(%x, %c)
            return %r
          }, then_branch=graph yes(%x: f32[n,3]) {
            %c = const f32[3] {4.0, 5.0, 6.0}
            %r = Mul(%x, %c)
            return %r
          }>(%some, %x)
          return %y, %names, %nan
        }
        """;

    @TempDir
    private Path folder;

    private static final Map<String, Tensor> INPUTS = Map.of("x", SmallModels.random(3, 16));

    private Path saved(Session session) {
        Path file = folder.resolve("model.tenon");
        session.save(file);
        return file;
    }

    private byte[] perceptron() throws IOException {
        Session session = SmallModels.perceptron().session();
        session.predict(INPUTS);
        return Files.readAllBytes(saved(session));
    }

    private static void checkEqual(Outputs found, Outputs expected) {
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        for (String name : expected.keySet()) {
            assertThat(found.tensor(name).contentEquals(expected.tensor(name)))
                    .as(name)
                    .isTrue();
        }
    }

    @Test
    void runsAsTheSessionThatSavedIt() {
        Session session = SmallModels.perceptron().session();
        Outputs expected = session.predict(INPUTS);
        Path file = saved(session);
        for (LoadOptions options : new LoadOptions[] {
            LoadOptions.standard(), LoadOptions.standard().copied()
        }) {
            Model loaded = Model.load(file, options);
            assertThat(loaded.inputs()).isEqualTo(session.model().inputs());
            assertThat(loaded.outputs()).isEqualTo(session.model().outputs());
            checkEqual(loaded.predict(INPUTS), expected);
            assertThat(loaded.session().inspect().explain(INPUTS))
                    .isEqualTo(session.inspect().explain(INPUTS));
            assertThat(loaded.session().inspect().explain()).doesNotContain("fired");
        }
    }

    @Test
    void bodiesAndTextAndOddNumbersSurvive() {
        Session session = SmallModels.model(BRANCHES).session();
        Model loaded = Model.load(saved(session));
        for (float sign : new float[] {-1, 1}) {
            Map<String, Tensor> x = Map.of("x", Tensor.of(new float[] {sign, sign, 3 * sign}, 1, 3));
            checkEqual(loaded.predict(x), session.predict(x));
        }
        assertThat(GraphText.print(loaded.graph()))
                .isEqualTo(GraphText.print(
                        Pipeline.standard().apply(session.model().graph())));
    }

    @Test
    void aPackageIsSavedAgain() throws IOException {
        Session session = SmallModels.perceptron().session();
        session.predict(INPUTS);
        Path file = saved(session);
        byte[] first = Files.readAllBytes(file);
        Model.load(file).session().save(file);
        assertThat(Files.readAllBytes(file)).isEqualTo(first);
        Model.load(file).save(folder.resolve("again.onnx"));
        checkEqual(Model.load(folder.resolve("again.onnx")).predict(INPUTS), session.predict(INPUTS));
    }

    @Test
    void anOptimisedModelIsOnnxToo() {
        Session session = SmallModels.perceptron().session();
        Path file = folder.resolve("model.ONNX");
        session.save(file);
        checkEqual(Model.load(file).predict(INPUTS), session.predict(INPUTS));
    }

    @Test
    void everyFlippedBitOfHeaderAndHeadIsFound() throws IOException {
        byte[] whole = perceptron();
        int head = HEADER + (int) ByteBuffer.wrap(whole).getLong(HEAD_BYTES_AT);
        for (int at = 0; at < head; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            assertThat(Typed.failure(() -> Model.load(ByteBuffer.wrap(damaged))))
                    .as("byte %d", at)
                    .isInstanceOf(MalformedModelException.class);
        }
    }

    /** Cut anywhere in header and head and near the end, and at some places among the weights. One byte more is an error too. */
    @Test
    void everyTruncatedFileIsFound() throws IOException {
        byte[] whole = perceptron();
        int weights = HEADER + (int) ByteBuffer.wrap(whole).getLong(HEAD_BYTES_AT);
        int end = whole.length - HEADER;
        int length = 0;
        while (length < whole.length + 2) {
            byte[] part = Arrays.copyOf(whole, length);
            if (length != whole.length) {
                assertThat(Typed.failure(() -> Model.load(ByteBuffer.wrap(part))))
                        .as("length %d", length)
                        .isInstanceOf(MalformedModelException.class);
            }
            length = length <= weights || length >= end ? length + 1 : Math.min(end, length + Exhaustive.step(61));
        }
    }

    /** Corrects the checksums, as the author of a harmful file would. */
    private static byte[] sealed(byte[] file) {
        ByteBuffer b = ByteBuffer.wrap(file);
        CRC32C crc = new CRC32C();
        crc.update(file, HEADER, (int) b.getLong(HEAD_BYTES_AT));
        b.putInt(HEAD_CHECKSUM_AT, (int) crc.getValue());
        CRC32C header = new CRC32C();
        header.update(file, 0, CHECKSUM_AT);
        header.update(file, CHECKSUM_AT + 4, HEADER - CHECKSUM_AT - 4);
        b.putInt(CHECKSUM_AT, (int) header.getValue());
        return file;
    }

    @Test
    void anotherVersionIsRefused() throws IOException {
        byte[] whole = perceptron();
        ByteBuffer.wrap(whole).putInt(VERSION_AT, 1);
        assertThat(Typed.failure(() -> Model.load(ByteBuffer.wrap(sealed(whole)))))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("version 1;")
                .hasMessageContaining("save the package again");
    }

    @Test
    void damagedWeightsAreFound() throws IOException {
        byte[] whole = perceptron();
        long start = Math.ceilDiv(HEADER + ByteBuffer.wrap(whole).getLong(HEAD_BYTES_AT), 64) * 64;
        int found = 0;
        for (int at = (int) start; at < whole.length; at += 61) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x40;
            if (Typed.failureOrNull(() -> Model.load(ByteBuffer.wrap(damaged)).predict(INPUTS))
                    instanceof MalformedModelException) {
                found++;
            }
        }
        assertThat(found).as("the rest is padding").isGreaterThan((int) (whole.length - start) / 61 * 8 / 10);
    }

    @Test
    void namesAndOptionsThatDoNotFitAreRefused() {
        Session session = SmallModels.perceptron().session();
        assertThat(Typed.failure(() -> session.save(folder.resolve("model.txt"))))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining(".tenon")
                .hasMessageContaining(".onnx");
        Path file = saved(session);
        SessionOptions strict = SessionOptions.standard().numerics(NumericsMode.STRICT);
        assertThat(Typed.failure(() -> Model.load(file).session(strict)))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("STRICT");
        saved(SmallModels.perceptron().session(strict));
        checkEqual(Model.load(file).session(strict).predict(INPUTS), session.predict(INPUTS));
    }
}
