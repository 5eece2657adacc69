package dev.tenon.op.tabular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.StringTable;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeysTest {
    private static final long SEED = 20261129;

    @Test
    void integersFarFromEachOtherAndNeighboursAreFound() {
        Random random = new Random(SEED);
        for (int round = 0; round < 200; round++) {
            long spread = 1L << random.nextInt(63);
            List<Long> list = new ArrayList<>();
            for (int k = 0; k < 1 + random.nextInt(30); k++) {
                list.add(random.nextLong(spread) - spread / 2);
            }
            if (round % 7 == 0) {
                list.addAll(List.of(Long.MIN_VALUE, Long.MAX_VALUE));
            }
            Map<Long, Integer> expected = new HashMap<>();
            for (int k = 0; k < list.size(); k++) {
                expected.put(list.get(k), k);
            }
            Keys<Long> keys = Keys.of(list);
            List<Long> asked = new ArrayList<>(list);
            list.forEach(n -> asked.addAll(List.of(n + 1, n - 1, -n, ~n)));
            Tensor x = Tensor.of(asked.stream().mapToLong(Long::longValue).toArray());
            int[] found = found(keys, x);
            for (int i = 0; i < asked.size(); i++) {
                int wanted = expected.getOrDefault(asked.get(i), -1);
                assertThat(found[i])
                        .as("%s of %s (seed %d)", asked.get(i), list, SEED)
                        .isEqualTo(wanted);
                assertThat(keys.numbers().find(asked.get(i))).isEqualTo(wanted);
            }
        }
    }

    @Test
    void stringsAreFoundByTheirBytes() {
        Random random = new Random(SEED);
        for (int round = 0; round < 100; round++) {
            Map<String, Integer> expected = new HashMap<>();
            List<String> list = new ArrayList<>();
            for (int k = 0; k < 1 + random.nextInt(60); k++) {
                list.add(word(random));
                expected.put(list.get(k), k);
            }
            Keys<String> keys = Keys.of(list);
            List<String> asked = new ArrayList<>(list);
            for (int k = 0; k < 60; k++) {
                asked.add(word(random));
            }
            Tensor x = Tensor.of(asked.toArray(String[]::new));
            int[] found = found(keys, x);
            for (int i = 0; i < asked.size(); i++) {
                assertThat(found[i])
                        .as("'%s' (seed %d)", asked.get(i), SEED)
                        .isEqualTo(expected.getOrDefault(asked.get(i), -1));
            }
        }
    }

    private static int[] found(Keys<?> keys, Tensor x) {
        int[] found = new int[(int) x.size()];
        keys.find(x, 0, found, found.length);
        return found;
    }

    private static String word(Random random) {
        StringBuilder word = new StringBuilder();
        for (int n = random.nextInt(random.nextInt(8) == 0 ? 30 : 4); n > 0; n--) {
            word.appendCodePoint(new int[] {'a', 'b', 0xE9, 0x1F333}[random.nextInt(4)]);
        }
        return word.toString();
    }

    @Test
    void wordsOfEveryLengthDiffer() {
        List<String> list = new ArrayList<>();
        for (int n = 0; n < 40; n++) {
            list.add("x".repeat(n));
            for (int i = 0; i < n; i++) {
                list.add("x".repeat(i) + "y" + "x".repeat(n - i - 1));
            }
        }
        Keys<String> keys = Keys.of(list);
        int[] found = found(keys, Tensor.of(list.toArray(String[]::new)));
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).as(list.get(i)).isEqualTo(i);
        }
    }

    @Test
    void zerosAndNaNAreKeys() {
        Keys<Double> keys = Keys.of(List.of(-0.0, Double.NaN, 1.5));
        Tensor x = Tensor.of(new double[] {0.0, -0.0, Double.NaN, 1.5, 2});
        assertThat(found(keys, x)).containsExactly(0, 0, 1, 2, -1);
    }

    @Test
    void aListIsAListOfItsElements() {
        Keys<String> keys = Keys.of(List.of("a", "b"));
        assertThat(keys).isEqualTo(List.of("a", "b")).hasSameHashCodeAs(List.of("a", "b"));
        assertThat(Keys.of(keys)).isSameAs(keys);
        assertThat(keys.elements(DType.STRING, "c").getString(2)).isEqualTo("c");
        assertThat(keys.elements(DType.STRING, "d").getString(2)).isEqualTo("d");
    }

    @Test
    void stringsAreChosenByTheirIndices() {
        Tensor words = Tensor.of(new String[] {"a", "b", "c"});
        Tensor target = Tensor.of(new String[] {"w", "x", "y", "z"});
        StringTable.choose(words, new int[] {2, 0, 9}, 2, target, 1);
        assertThat(target.toStringArray()).containsExactly("w", "c", "a", "z");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> StringTable.choose(words, new int[] {3}, 1, target, 0));
        assertThatExceptionOfType(InvalidTensorException.class)
                .isThrownBy(() -> StringTable.choose(words, new int[] {0, 0}, 2, target, 3));
        assertThatExceptionOfType(InvalidTensorException.class)
                .isThrownBy(() -> StringTable.choose(words, new int[1], 1, target.asReadOnly(), 0));
    }

    @Test
    void tablesAreOfStrings() {
        assertThatExceptionOfType(InvalidTensorException.class)
                .isThrownBy(() -> StringTable.of(Tensor.of(new long[] {1})));
        StringTable table = StringTable.of(Tensor.of(new String[] {"a"}));
        assertThatExceptionOfType(InvalidTensorException.class).isThrownBy(() -> table.find(Tensor.of(new long[1]), 0));
        Tensor two = Tensor.of(new String[] {"a", "b"});
        int[] found = new int[3];
        table.find(two, 1, found, 1);
        assertThat(found[0]).isEqualTo(-1);
        assertThatExceptionOfType(InvalidTensorException.class)
                .isThrownBy(() -> table.find(two, 1, found, 2))
                .withMessageContaining("2");
        assertThatExceptionOfType(InvalidTensorException.class).isThrownBy(() -> table.find(two, -1, found, 1));
        assertThat(StringTable.of(Tensor.of(new String[0])).find(Tensor.of(new String[] {""}), 0))
                .isEqualTo(-1);
    }
}
