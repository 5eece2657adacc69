package dev.tenon.formats.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Damage;
import dev.tenon.testkit.Exhaustive;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that the writer writes are read again; whatever is wrong with a file ends in an exception that names it. */
class GgufFileTest {
    private static final long SEED = 20261202;
    private static final Limits SMALL = Limits.standard().maxRecords(10_000).maxTensors(1000);

    @TempDir
    private Path folder;

    private static GgufWriter sample() {
        return new GgufWriter()
                .put("general.architecture", "sample")
                .put("a.flag", true)
                .put("a.count", -1)
                .put("a.long", 1L << 40)
                .put("a.float", 0.5f)
                .put("a.double", 1e300)
                .put("a.texts", List.of("", "x", "日本"))
                .put("a.numbers", new int[] {-1, 0, 7})
                .put("a.scores", new float[] {0, -1.5f})
                .put("w", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2))
                .put("h", Tensor.convert(DType.FLOAT16, new double[] {1, -2}))
                .put(new GgufTensor("q", GgufType.Q4_0, List.of(2L, 64L), MemorySegment.ofArray(new byte[72])));
    }

    private static GgufFile read(byte[] bytes) {
        return read(bytes, Limits.standard());
    }

    private static GgufFile read(byte[] bytes, Limits limits) {
        MemorySegment segment = MemorySegment.ofArray(bytes);
        return GgufFile.read(ModelBytes.of("test.gguf", segment), ExternalData.none(), limits);
    }

    /** A file with something changed at the first place of a text. */
    private static byte[] changed(byte[] whole, String after, int skip, Consumer<ByteBuffer> change) {
        byte[] text = after.getBytes(StandardCharsets.UTF_8);
        byte[] copy = whole.clone();
        for (int at = 0; at + text.length <= copy.length; at++) {
            if (Arrays.equals(copy, at, at + text.length, text, 0, text.length)) {
                change.accept(
                        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).position(at + text.length + skip));
                return copy;
            }
        }
        throw new AssertionError("no " + after);
    }

    private static byte[] header(Consumer<ByteBuffer> change) {
        byte[] copy = sample().bytes();
        change.accept(ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN));
        return copy;
    }

    @Test
    void whatIsWrittenIsRead() {
        GgufFile file = read(sample().bytes());
        assertThat(file.metadata().values())
                .containsEntry("general.architecture", "sample")
                .containsEntry("a.flag", true)
                .containsEntry("a.count", 0xFFFFFFFFL)
                .containsEntry("a.long", 1L << 40)
                .containsEntry("a.float", 0.5)
                .containsEntry("a.double", 1e300);
        assertThat(file.metadata().get("a.texts", GgufArray.class).texts()).containsExactly("", "x", "日本");
        assertThat(file.metadata().get("a.numbers", GgufArray.class).integers()).containsExactly(-1, 0, 7);
        assertThat(file.metadata().get("a.scores", GgufArray.class).floats()).containsExactly(0, -1.5f);
        assertThat(file.tensors().keySet()).containsExactly("w", "h", "q");
        assertThat(file.tensors().get("w").dims()).containsExactly(3L, 2L);
        assertThat(file.tensors().get("w").stored().toFloatArray()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(file.tensors().get("h").stored().toFloatArray()).containsExactly(1, -2);
        assertThat(file.tensors().get("q").stored().dims()).containsExactly(2, 36);
    }

    @Test
    void arraysThatWereReadAreWritten() {
        GgufArray array = read(sample().bytes()).metadata().get("a.texts", GgufArray.class);
        byte[] again = new GgufWriter().put("again", array).bytes();
        assertThat(read(again).metadata().get("again", GgufArray.class).texts()).containsExactly("", "x", "日本");
    }

    @Test
    void theAlignmentOfAFileIsKept() {
        byte[] wide = sample().put("general.alignment", 128).bytes();
        assertThat(read(wide).tensors().get("h").stored().toFloatArray()).containsExactly(1, -2);
        byte[] odd = changed(wide, "general.alignment", 4, b -> b.putInt(b.position(), 96));
        assertThatThrownBy(() -> read(odd))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("general.alignment");
    }

    @Test
    void versionTwoIsReadAndOthersAreRefused() {
        assertThat(read(header(b -> b.putInt(4, 2))).tensors()).hasSize(3);
        for (int version : new int[] {0, 1, 4, Integer.reverseBytes(3)}) {
            assertThatThrownBy(() -> read(header(b -> b.putInt(4, version))))
                    .isInstanceOf(UnsupportedModelException.class)
                    .hasMessageContaining("versions 2 and 3");
        }
    }

    @Test
    void countsAreComparedWithTheBytesThatAreThere() {
        for (long count : new long[] {1L << 40, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
            for (int at : new int[] {8, 16}) {
                assertThatThrownBy(() -> read(header(b -> b.putLong(at, count))))
                        .isInstanceOf(MalformedModelException.class)
                        .hasMessageContaining("number of");
            }
            byte[] array = changed(sample().bytes(), "a.numbers", 8, b -> b.putLong(b.position(), count));
            assertThatThrownBy(() -> read(array))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("a.numbers");
        }
    }

    @Test
    void limitsHold() {
        assertThatThrownBy(() -> read(sample().bytes(), Limits.standard().maxTensors(2)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxTensors");
        assertThatThrownBy(() -> read(sample().bytes(), Limits.standard().maxRecords(10)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxRecords");
        assertThatThrownBy(() -> read(sample().bytes(), Limits.standard().maxTensorElements(5)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("tensor 'w'");
        assertThat(read(sample().bytes(), Limits.standard().maxTensorBytes(72)).tensors())
                .hasSize(3);
        assertThatThrownBy(() -> read(sample().bytes(), Limits.standard().maxTensorBytes(71)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("tensor 'q'")
                .hasMessageContaining("maxTensorBytes");
    }

    @Test
    void sizesDoNotOverflowWithoutLimits() {
        Limits none = Limits.standard().maxTensorElements(Long.MAX_VALUE).maxTensorBytes(Long.MAX_VALUE);
        for (long dim : new long[] {1L << 60, Long.MAX_VALUE / 2}) {
            byte[] file = tensor(4, b -> b.putLong(b.position(), dim).putLong(b.position() + 8, 1));
            assertThatThrownBy(() -> read(file, none))
                    .isInstanceOf(ResourceLimitException.class)
                    .hasMessageContaining("tensor 'w'");
        }
    }

    @Test
    void keysAndTensorsAreThereOnce() {
        byte[] keys = changed(new GgufWriter().put("ka", 1).put("kb", 2).bytes(), "kb", -1, b -> b.put((byte) 'a'));
        assertThatThrownBy(() -> read(keys))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("'ka'");
        byte[] tensors = changed(sample().bytes(), "\1\0\0\0\0\0\0\0h", -1, b -> b.put((byte) 'w'));
        assertThatThrownBy(() -> read(tensors))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("tensor 'w'");
    }

    /** After the name of a tensor are the number of its dimensions, the dimensions, its type and its offset. */
    private static byte[] tensor(int skip, Consumer<ByteBuffer> change) {
        return changed(sample().bytes(), "\1\0\0\0\0\0\0\0w", skip, change);
    }

    @Test
    void dimensionsOffsetsAndOverlapsAreChecked() {
        List<byte[]> files = List.of(
                tensor(0, b -> b.putInt(b.position(), 5)),
                tensor(0, b -> b.putInt(b.position(), 0)),
                tensor(4, b -> b.putLong(b.position(), 0)),
                tensor(4, b -> b.putLong(b.position(), -2)),
                tensor(4, b -> b.putLong(b.position(), 1000)),
                tensor(24, b -> b.putLong(b.position(), 32)),
                tensor(24, b -> b.putLong(b.position(), 8)),
                tensor(24, b -> b.putLong(b.position(), 1L << 40)),
                tensor(24, b -> b.putLong(b.position(), Long.MIN_VALUE)));
        for (byte[] file : files) {
            assertThatThrownBy(() -> read(file))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("tensor '");
        }
        assertThatThrownBy(() -> read(tensor(4, b -> b.putLong(b.position(), Long.MAX_VALUE))))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("tensor 'w'");
        // Rows of Q4_0 are multiples of 32 elements.
        assertThatThrownBy(() -> read(tensor(20, b -> b.putInt(b.position(), 2))))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("multiples of 32");
    }

    @Test
    void otherTypesAreRefusedByName() {
        for (var type :
                Map.of(10, "Q2_K", 23, "IQ4_XS", 28, "F64", 999, "type 999").entrySet()) {
            assertThatThrownBy(() -> read(tensor(20, b -> b.putInt(b.position(), type.getKey()))))
                    .isInstanceOf(UnsupportedModelException.class)
                    .hasMessageContaining(type.getValue())
                    .hasMessageContaining("Q6_K");
        }
    }

    @Test
    void namesAreShort() {
        String longest = "n".repeat(64);
        Tensor one = Tensor.scalar(1f).reshape(1);
        byte[] file = new GgufWriter().put(longest, one).bytes();
        assertThat(read(file).tensors()).containsKey(longest);
        assertThatThrownBy(() -> read(changed(file, "@\0\0\0\0\0\0\0", -8, b -> b.put((byte) 65))))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("at most 64 bytes");
        refused("at most 64 bytes", w -> w.put(longest + "n", one));
    }

    private static void refused(String allowed, Consumer<GgufWriter> put) {
        assertThatThrownBy(() -> put.accept(new GgufWriter()))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining(allowed);
    }

    @Test
    void whateverAReaderRefusesIsNotWritten() {
        refused("1 to 4 dimensions", w -> w.put("t", Tensor.scalar(1f)));
        refused("1 to 4 dimensions", w -> w.put("t", Tensor.of(new float[2], 1, 1, 1, 1, 2)));
        refused("1 to 4 dimensions", w -> w.put("t", Tensor.of(new float[0], 0, 2)));
        refused("float32, float16", w -> w.put("t", Tensor.of(new long[] {1})));
        for (Object alignment : new Object[] {0, -32, 96, 1 << 21, 64L, "32"}) {
            refused("a power of two", w -> w.put("general.alignment", alignment));
        }
    }

    private void write(String name, int index, int count, String tensor) {
        new GgufWriter()
                .put("split.no", index)
                .put("split.count", count)
                .put("split.tensors.count", count)
                .put(tensor, Tensor.of(new float[] {index, 1}))
                .write(folder.resolve(name));
    }

    private GgufFile split(String first) {
        Path file = folder.resolve(first);
        return GgufFile.read(ModelBytes.map(file, Limits.standard()), ExternalData.inFolder(folder), Limits.standard());
    }

    @Test
    void splitFilesAreJoined() throws IOException {
        for (int i = 0; i < 3; i++) {
            write("m-0000" + (i + 1) + "-of-00003.gguf", i, 3, "t" + i);
        }
        assertThat(split("m-00001-of-00003.gguf").tensors().keySet()).containsExactly("t0", "t1", "t2");
        assertThatThrownBy(() -> split("m-00002-of-00003.gguf"))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("split.no");
        Files.copy(folder.resolve("m-00001-of-00003.gguf"), folder.resolve("other.gguf"));
        assertThatThrownBy(() -> split("other.gguf"))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("-00001-of-00003");
        write("m-00003-of-00003.gguf", 2, 3, "t1");
        assertThatThrownBy(() -> split("m-00001-of-00003.gguf"))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("'t1'");
        write("m-00003-of-00003.gguf", 1, 3, "t2");
        assertThatThrownBy(() -> split("m-00001-of-00003.gguf"))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("split.no");
        Files.delete(folder.resolve("m-00003-of-00003.gguf"));
        assertThatThrownBy(() -> split("m-00001-of-00003.gguf")).isInstanceOf(ModelFileException.class);
    }

    private static void check(String damage, byte[] bytes) {
        try {
            GgufFile file = read(bytes, SMALL);
            for (GgufTensor tensor : file.tensors().values()) {
                Tensor stored = tensor.stored();
                stored.getBits(stored.size() - 1);
            }
            for (Object value : file.metadata().values().values()) {
                if (value instanceof GgufArray array && array.isTexts()) {
                    array.texts();
                }
            }
        } catch (TenonException typed) {
            assertThat(typed.getMessage()).as(damage).isNotEmpty();
        } catch (RuntimeException | Error e) {
            throw new AssertionError(damage, e);
        }
    }

    @Test
    void damagedFilesEndInTypedExceptions() {
        byte[] whole = sample().bytes();
        Damage.flips(whole, Exhaustive.step(3), GgufFileTest::check);
        Damage.truncations(whole, GgufFileTest::check);
        mutate(whole, 2000);
    }

    @Tag("exhaustive")
    @Test
    void manyDamagedFilesEndInTypedExceptions() {
        mutate(sample().bytes(), 500_000);
    }

    /** Replaces numbers of 4 and 8 bytes by those around which sums overflow, and bytes by any. */
    private static void mutate(byte[] whole, int cases) {
        SplittableRandom random = new SplittableRandom(SEED);
        long[] numbers = {
            0, 1, -1, 31, 32, 0xFFFF, Integer.MAX_VALUE, 1L << 32, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE
        };
        for (int i = 0; i < cases; i++) {
            byte[] damaged = whole.clone();
            ByteBuffer buffer = ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN);
            for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
                int at = random.nextInt(damaged.length - Long.BYTES);
                long number = numbers[random.nextInt(numbers.length)];
                switch (random.nextInt(3)) {
                    case 0 -> buffer.put(at, (byte) random.nextInt());
                    case 1 -> buffer.putInt(at, (int) number);
                    default -> buffer.putLong(at, number);
                }
            }
            check("case " + i + " of seed " + SEED, damaged);
        }
    }

    @Test
    void mappedFilesAreViews() throws IOException {
        Path file = Files.write(folder.resolve("view.gguf"), sample().bytes());
        GgufFile read = GgufFile.read(ModelBytes.map(file, Limits.standard()), ExternalData.none(), Limits.standard());
        assertThat(read.tensors().get("w").data().isMapped()).isTrue();
        assertThat(read.tensors().get("w").data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0))
                .isEqualTo(1f);
    }
}
