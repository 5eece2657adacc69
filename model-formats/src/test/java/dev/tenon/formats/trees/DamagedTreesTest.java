package dev.tenon.formats.trees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelFile;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Exhaustive;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of any bytes give a model that runs, or a typed exception. */
class DamagedTreesTest {
    private static final long SEED = 20261129;
    private static final int MANY = 200_000;

    /** Limits under which the largest wrong count costs little. */
    private static final Limits LIMITS = Limits.standard().maxRecords(100_000);

    static Stream<Arguments> files() {
        return Stream.of(
                Arguments.of("XGBoost JSON", TreeFiles.XGBOOST.getBytes(StandardCharsets.UTF_8)),
                Arguments.of("XGBoost UBJSON", TreeFiles.ubjson()),
                Arguments.of("LightGBM", TreeFiles.LIGHTGBM.getBytes(StandardCharsets.UTF_8)),
                Arguments.of("LightGBM linear", TreeFiles.LINEAR.getBytes(StandardCharsets.UTF_8)),
                Arguments.of("CatBoost", TreeFiles.CATBOOST.getBytes(StandardCharsets.UTF_8)),
                Arguments.of("CatBoost cbm", TreeFiles.cbm(TreeFiles.catboostTrees())),
                Arguments.of("CatBoost cbm nodes", TreeFiles.cbm(TreeFiles.catboostNodes(0, 1, 1, 2, 0, 0, 0, 0))));
    }

    /** What escapes from reading and running; null if nothing does. */
    private static String escaping(byte[] bytes) {
        try {
            ModelFile model = TreeFiles.read(bytes, LIMITS);
            if (model != null) {
                TensorType type = (TensorType) model.graph().inputs().getFirst().type();
                long columns = type.shape().dim(1).value();
                if (columns < 100) {
                    Datum row = Tensor.allocate(type.dtype(), 1, columns);
                    Interpreter.run(model.graph(), List.of(row));
                }
            }
            return null;
        } catch (TenonException e) {
            return e.getMessage().isEmpty() ? "an exception without a message" : null;
        } catch (RuntimeException | Error e) {
            return e.toString();
        }
    }

    private static void check(byte[] bytes, String damage) {
        String escaping = escaping(bytes);
        if (escaping != null) {
            assertThat(escaping)
                    .as("%s: %s", damage, new String(bytes, StandardCharsets.ISO_8859_1))
                    .isNull();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void flippedBits(String name, byte[] file) {
        int step = Exhaustive.step(5);
        for (int bit = 0; bit < 8 * file.length; bit += step) {
            byte[] damaged = file.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            check(damaged, name + ", bit " + bit);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void truncatedFiles(String name, byte[] file) {
        for (int length = 0; length < file.length; length++) {
            check(Arrays.copyOf(file, length), name + ", " + length + " bytes");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void randomChanges(String name, byte[] file) {
        change(name, file, 300);
    }

    @Tag("exhaustive")
    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void manyRandomChanges(String name, byte[] file) {
        change(name, file, MANY);
    }

    /** Replaces bytes, cuts parts out, repeats parts, and changes digits, which most damage would not. */
    private static void change(String name, byte[] file, int cases) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < cases; i++) {
            byte[] damaged = file.clone();
            for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
                int at = random.nextInt(damaged.length);
                int length = Math.min(random.nextInt(1, 20), damaged.length - at);
                int to = random.nextInt(damaged.length - length + 1);
                switch (random.nextInt(5)) {
                    case 0 -> damaged[at] = (byte) random.nextInt();
                    case 1 -> damaged = without(damaged, at, length);
                    case 2 -> System.arraycopy(damaged, at, damaged, to, length);
                    default -> digit(damaged, at, random);
                }
            }
            check(damaged, name + ", case " + i + " of seed " + SEED);
        }
    }

    private static byte[] without(byte[] bytes, int at, int length) {
        if (bytes.length - length < 1) {
            return bytes;
        }
        byte[] rest = new byte[bytes.length - length];
        System.arraycopy(bytes, 0, rest, 0, at);
        System.arraycopy(bytes, at + length, rest, at, rest.length - at);
        return rest;
    }

    private static void digit(byte[] bytes, int from, SplittableRandom random) {
        for (int i = 0; i < bytes.length; i++) {
            int at = (from + i) % bytes.length;
            if (bytes[at] >= '0' && bytes[at] <= '9') {
                bytes[at] = (byte) "0123456789-.".charAt(random.nextInt(12));
                return;
            }
        }
    }
}
