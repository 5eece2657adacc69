package dev.tenon.formats.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Damage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
    private static final Limits LIMITS = Limits.standard();

    /** A file as NumPy writes it. */
    private static byte[] file(int version, String descr, boolean fortran, String shape, String hex) {
        String text = "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': "
                + shape + ", }";
        return file(version, text, HexFormat.of().parseHex(hex));
    }

    private static byte[] file(int version, String header, byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        int prefix = version == 1 ? 10 : 12;
        int padded = (prefix + header.length() + 1 + 63) / 64 * 64 - prefix;
        out.write(padded);
        out.write(padded >>> 8);
        if (prefix == 12) {
            out.writeBytes(new byte[2]);
        }
        out.writeBytes((header + " ".repeat(padded - header.length() - 1) + "\n").getBytes(StandardCharsets.UTF_8));
        out.writeBytes(data);
        return out.toByteArray();
    }

    private static Tensor read(byte[] file) {
        return Npy.read(new ByteArrayInputStream(file), LIMITS);
    }

    private static byte[] written(Tensor tensor) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Npy.write(out, tensor);
        return out.toByteArray();
    }

    @Test
    void writesTheBytesThatNumPyWrites() {
        byte[] expected = file(1, "<f4", false, "(2, 3)", "000000000000803f0000004000004040000080400000a040");
        assertThat(written(Tensor.of(new float[] {0, 1, 2, 3, 4, 5}, 2, 3))).isEqualTo(expected);
        assertThat(written(Tensor.of(new byte[] {-1}, 1))).isEqualTo(file(1, "|i1", false, "(1,)", "ff"));
        assertThat(written(Tensor.scalar(true))).isEqualTo(file(1, "|b1", false, "()", "01"));
        assertThat(written(Tensor.of(new String[] {"é", "ab"})))
                .isEqualTo(file(1, "<U2", false, "(2,)", "e9000000000000006100000062000000"));
    }

    @Test
    void readsBigEndianFortranOrder() {
        Tensor tensor = read(file(1, ">i2", true, "(2, 3)", "000000030001000400020005"));
        assertThat(tensor.contentEquals(Tensor.of(new short[] {0, 1, 2, 3, 4, 5}, 2, 3)))
                .isTrue();
    }

    @Test
    void transposesFortranOrderOfAnyRank() {
        long[] dims = {2, 3, 1, 4};
        byte[] data = new byte[24];
        for (int a = 0; a < 2; a++) {
            for (int b = 0; b < 3; b++) {
                for (int d = 0; d < 4; d++) {
                    data[a + 2 * (b + 3 * d)] = (byte) ((a * 3 + b) * 4 + d);
                }
            }
        }
        byte[] expected = new byte[24];
        for (int i = 0; i < 24; i++) {
            expected[i] = (byte) i;
        }
        Tensor tensor = read(file(1, "{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3, 1, 4), }", data));
        assertThat(tensor.contentEquals(Tensor.of(expected, dims))).isTrue();
    }

    @Test
    void readsTextOfEitherKind() {
        Tensor points = read(file(1, ">U2", true, "(3,)", "000000e90000000000000061000000620001f60000000078"));
        assertThat(points.toStringArray()).containsExactly("é", "ab", "😀x");
        Tensor bytes = read(file(1, "|S4", false, "(2,)", "610062007a000000"));
        assertThat(bytes.getUtf8(0)).containsExactly('a', 0, 'b');
        assertThat(bytes.getString(1)).isEqualTo("z");
    }

    @Test
    void readsEveryFormatVersion() {
        assertThat(read(file(2, "|b1", false, "()", "01")).getBoolean(0)).isTrue();
        Tensor empty = read(file(3, "<u8", false, "(0, 4)", ""));
        assertThat(empty.dims()).containsExactly(0, 4);
        Tensor complex = read(file(1, ">c8", false, "(1,)", "3f80000040000000"));
        assertThat(complex.getReal(0)).isEqualTo(1.0);
        assertThat(complex.getImaginary(0)).isEqualTo(2.0);
        assertThat(read(file(1, "{\"shape\": (2L,),\"fortran_order\":False,\"descr\":\"=i1\"}", new byte[2]))
                        .dims())
                .containsExactly(2);
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeOfNumPyComesBack(DType type, @TempDir Path folder) throws IOException {
        Tensor tensor = Tensor.allocate(type, 3, 2);
        Path path = folder.resolve("a.npy");
        if (type == DType.STRING) {
            tensor.setString(1, "ä€😀");
        } else {
            byte[] random = new byte[(int) tensor.byteSize()];
            new Random(3).nextBytes(random);
            tensor.copyFrom(MemorySegment.ofArray(random));
        }
        boolean known =
                type.bits() >= 8 && type != DType.BFLOAT16 && !type.text().startsWith("f8") || type == DType.STRING;
        if (!known) {
            assertThatThrownBy(() -> Npy.write(path, tensor))
                    .isInstanceOf(InvalidTensorException.class)
                    .hasMessageContaining(type.text());
            assertThat(path).doesNotExist();
            return;
        }
        Npy.write(path, tensor);
        assertThat(Npy.read(path).contentEquals(tensor)).isTrue();
        assertThat(read(Files.readAllBytes(path)).contentEquals(tensor)).isTrue();
    }

    @Test
    void readsArraysOfAStreamOneByOne() {
        ByteArrayOutputStream two = new ByteArrayOutputStream();
        Npy.write(two, Tensor.of(new long[] {1, 2}));
        Npy.write(two, Tensor.of(new String[] {"x"}));
        ByteArrayInputStream in = new ByteArrayInputStream(two.toByteArray());
        assertThat(Npy.read(in, LIMITS).toLongArray()).containsExactly(1, 2);
        assertThat(Npy.read(in, LIMITS).toStringArray()).containsExactly("x");
        assertThatThrownBy(() -> Npy.read(in, LIMITS)).isInstanceOf(MalformedModelException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"|O", "<f16", "<V2", "<M8[ns]", "f4", "<", "", "<U", "<Ux", "<U99999999999", "i4", "<i3"})
    void refusesOtherTypes(String descr) {
        assertThatThrownBy(() -> read(file(1, descr, false, "(1,)", "00")))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("'" + descr + "'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}",
                "[]",
                "{'descr': '<f4', 'fortran_order': False}",
                "{'descr': '<f4', 'fortran_order': 0, 'shape': ()}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': 3}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1.5,)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999999,)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': ()} x",
                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 1}",
                "{'descr': '<f4, 'fortran_order': False, 'shape': ()}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
                "{'descr': '<U1', 'fortran_order': False, 'shape': ()}",
                "{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000,)}"
            })
    void refusesBrokenHeadersAndWrongSizes(String header) {
        byte[] data = {(byte) 0, (byte) 0xd8, 0, 0};
        assertThatThrownBy(() -> read(file(1, header, data))).isInstanceOfAny(MalformedModelException.class);
    }

    @Test
    void refusesMoreThanTheDataHolds(@TempDir Path folder) throws IOException {
        for (String shape : new String[] {"(1099511627776,)", "(4294967296, 4294967296)", "(4000000000,)"}) {
            byte[] file = file(1, "<f8", false, shape, "0000000000000000");
            Path path = Files.write(folder.resolve("a.npy"), file);
            assertThatThrownBy(() -> Npy.read(path))
                    .isInstanceOfAny(MalformedModelException.class, ResourceLimitException.class);
            assertThatThrownBy(() -> read(file))
                    .isInstanceOfAny(MalformedModelException.class, ResourceLimitException.class);
        }
        Path longer = Files.write(folder.resolve("b.npy"), file(1, "|i1", false, "(1,)", "0000"));
        assertThatThrownBy(() -> Npy.read(longer)).hasMessageContaining("2 bytes of data");
        assertThatThrownBy(() -> read(file(1, "|i1", false, "(" + "1,".repeat(65) + ")", "00")))
                .isInstanceOf(ResourceLimitException.class);
        assertThatThrownBy(() -> Npy.read(
                        new ByteArrayInputStream(file(1, "|i1", false, "(2, 2)", "00000000")),
                        LIMITS.maxTensorElements(3)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("at most 3 elements");
    }

    @Test
    void refusesOtherFiles(@TempDir Path folder) throws IOException {
        Path text = Files.writeString(folder.resolve("t"), "Hello, this is text\n");
        assertThatThrownBy(() -> Npy.read(text)).isInstanceOf(MalformedModelException.class);
        assertThatThrownBy(() -> Npy.read(folder)).isInstanceOf(ModelFileException.class);
        byte[] future = file(1, "<f4", false, "()", "00000000");
        future[6] = 4;
        assertThatThrownBy(() -> read(future)).isInstanceOf(UnsupportedModelException.class);
    }

    @Test
    void refusesStringsItCantKeep() {
        for (byte[] bytes : new byte[][] {{(byte) 0xff}, {'a', 0}}) {
            assertThatThrownBy(() -> written(Tensor.ofUtf8(new byte[][] {bytes}, 1)))
                    .isInstanceOf(InvalidTensorException.class);
        }
    }

    private static void readsOrRefuses(byte[] file) {
        try {
            Tensor tensor = read(file);
            assertThat(tensor.byteSize()).isLessThanOrEqualTo(file.length);
        } catch (TenonException e) {
            assertThat(e).hasMessageContaining("npy stream");
        }
    }

    @Test
    void everyTruncationAndFlippedBitIsRefusedOrRead() {
        byte[] file = file(1, "<f4", true, "(2, 3)", "000000000000803f0000004000004040000080400000a040");
        Damage.truncations(
                file,
                (damage, cut) -> assertThatThrownBy(() -> read(cut)).as(damage).isInstanceOf(TenonException.class));
        Damage.flips(file, 1, (damage, flipped) -> readsOrRefuses(flipped));
    }

    @Property
    void randomHeadersAreRefusedOrRead(@ForAll @Size(max = 100) byte[] header, @ForAll @Size(max = 20) byte[] data) {
        String text = new String(header, StandardCharsets.ISO_8859_1);
        assertThatCode(() -> readsOrRefuses(file(1, text, data))).doesNotThrowAnyException();
    }
}
