package dev.tenon.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidTensorException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sequences, optionals and maps. */
class DatumTest {
    private static final Tensor TWO = Tensor.of(new float[] {1, 2});
    private static final Tensor THREE = Tensor.of(new float[] {1, 2, 3});

    @Test
    void sequencesHoldWhatTheirTypeAccepts() {
        TensorSequence same = TensorSequence.of(TWO, TWO);
        TensorSequence mixed = TensorSequence.of(TWO, THREE);
        assertThat(same.type().text()).isEqualTo("seq(f32[2])");
        assertThat(mixed.type().text()).isEqualTo("seq(f32[*])");
        assertThat(mixed.size()).isEqualTo(2);
        assertThat(mixed.get(1)).isSameAs(THREE);
        assertThat(mixed.tensor(0)).isSameAs(TWO);
        assertThat(mixed).containsExactly(TWO, THREE);
        assertThat(TensorSequence.empty(TWO.type()).elements()).isEmpty();
        assertThatThrownBy(() -> TensorSequence.of(ValueType.parse("f32[2]"), List.of(TWO, THREE)))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("sequence: element 1 is f32[3]; allowed f32[2]");
        assertThatThrownBy(() -> TensorSequence.of(TWO, Tensor.scalar(1L))).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> mixed.get(2)).hasMessage("sequence of 2: element 2 does not exist; allowed [0, 1]");
        assertThatThrownBy(() -> TensorSequence.empty(TWO.type()).get(0)).hasMessageContaining("none, it is empty");
        assertThat(same).hasToString("seq(f32[2]) of 2 {f32[2] {1.0, 2.0}, f32[2] {1.0, 2.0}}");
    }

    @Test
    void partsOfSequencesShareTheirElements() {
        TensorSequence mixed = TensorSequence.of(TWO, THREE, TWO);
        assertThat(mixed.slice(1, 3)).containsExactly(THREE, TWO);
        assertThat(mixed.slice(1, 3).type()).isEqualTo(mixed.type());
        assertThat(mixed.slice(3, 3).elements()).isEmpty();
        for (int[] wrong : new int[][] {{-1, 1}, {2, 1}, {0, 4}}) {
            assertThatThrownBy(() -> mixed.slice(wrong[0], wrong[1]))
                    .isInstanceOf(InvalidTensorException.class)
                    .hasMessageContaining("elements " + wrong[0] + " to " + wrong[1])
                    .hasMessageContaining("<= 3");
        }
    }

    @Test
    void copiesShareNothing() {
        Tensor keys = Tensor.of(new long[] {7, 8});
        Tensor values = Tensor.of(new float[] {0.5f, 1.5f});
        MapDatum map = MapDatum.of(keys, values);
        TensorSequence all = TensorSequence.of(map.type(), List.of(map));
        OptionalDatum copy = OptionalDatum.of(all).copy();
        assertThat(copy.type()).isEqualTo(OptionalDatum.of(all).type());
        values.setDouble(0, 9);
        keys.setLong(0, 9);
        MapDatum kept = (MapDatum) ((TensorSequence) copy.get()).get(0);
        assertThat(kept.keys().toLongArray()).containsExactly(7, 8);
        assertThat(kept.asMap().keySet()).containsExactly(7L, 8L);
        assertThat(((Tensor) kept.get(7).orElseThrow()).getFloat(0)).isEqualTo(0.5f);
        assertThat(OptionalDatum.empty(map.type()).copy().isPresent()).isFalse();
        assertThat(TensorSequence.empty(map.type()).copy().type()).isEqualTo(all.type());
    }

    @Test
    void sequencesOfMapsAreSequences() {
        MapDatum map = MapDatum.of(Tensor.of(new long[] {7}), Tensor.of(new float[] {0.5f}));
        TensorSequence sequence = TensorSequence.of(map.type(), List.of(map, map));
        assertThat(sequence.type().text()).isEqualTo("seq(map(i64, f32[]))");
        assertThat(sequence.get(1)).isSameAs(map);
        assertThatThrownBy(() -> sequence.tensor(0))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("sequence: element 0 is map(i64, f32[]); allowed a tensor");
    }

    @Test
    void optionalsHoldOneOrNone() {
        OptionalDatum present = OptionalDatum.of(TWO);
        OptionalDatum absent = OptionalDatum.empty(TWO.type());
        assertThat(present.type()).isEqualTo(absent.type()).hasToString("optional(f32[2])");
        assertThat(present.isPresent()).isTrue();
        assertThat(present.get()).isSameAs(TWO);
        assertThat(present.value()).contains(TWO);
        assertThat(absent.isPresent()).isFalse();
        assertThat(absent.value()).isEmpty();
        assertThat(absent).hasToString("optional(f32[2]) {}");
        assertThatThrownBy(absent::get)
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("optional(f32[2]): holds no value; ask isPresent() first");
    }

    @Test
    void mapsFindValuesByKey() {
        Tensor values = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
        MapDatum map = MapDatum.of(Tensor.of(new String[] {"x", "y"}), values);
        assertThat(map.type().text()).isEqualTo("map(string, f32[2])");
        assertThat(map.size()).isEqualTo(2);
        assertThat(map.get("y").map(d -> ((Tensor) d).toFloatArray())).hasValue(new float[] {3, 4});
        assertThat(map.get("z")).isEmpty();
        assertThat(map.get(1)).isEmpty();
        assertThat(map.asMap().keySet()).containsExactly("x", "y");
        assertThat(map.keys().size()).isEqualTo(2);
        assertThat(map).hasToString("map(string, f32[2]) of 2 {x: f32[2] {1.0, 2.0}, y: f32[2] {3.0, 4.0}}");
        MapDatum listed = MapDatum.of(Tensor.of(new long[] {5, -1}), TensorSequence.of(TWO, THREE));
        assertThat(listed.get(-1)).containsSame(THREE);
        assertThat(listed.type().text()).isEqualTo("map(i64, f32[*])");
    }

    @Test
    void mapsOfPackedValuesCopyWhatDoesNotStartAByte() {
        Tensor values = Tensor.convert(DType.INT4, new long[] {1, -2, 3, 4, -5, 6}, 2, 3);
        MapDatum map = MapDatum.of(Tensor.of(new long[] {0, 1}), values);
        assertThat(map.get(0).map(d -> ((Tensor) d).toLongArray())).hasValue(new long[] {1, -2, 3});
        assertThat(map.get(1).map(d -> ((Tensor) d).toLongArray())).hasValue(new long[] {4, -5, 6});
    }

    @Test
    void mapsThatCanNotBeAreRefused() {
        Tensor keys = Tensor.of(new long[] {1, 1});
        assertThatThrownBy(() -> MapDatum.of(keys, TWO))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("map: key 1 occurs twice; allowed distinct keys");
        assertThatThrownBy(() -> MapDatum.of(keys, THREE))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("map: keys i64[2] for 3 values; allowed as many keys, of rank 1");
        assertThatThrownBy(() -> MapDatum.of(TWO, TWO))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("map type: keys of type f32; allowed integer types, string");
        assertThatThrownBy(() -> MapDatum.of(keys, Tensor.scalar(1f))).isInstanceOf(InvalidTensorException.class);
    }

    @Test
    void rowsOfAMatrixAreMaps() {
        Tensor keys = Tensor.of(new String[] {"x", "y"});
        List<MapDatum> rows = MapDatum.ofRows(keys, Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
        assertThat(rows).hasSize(3);
        MapDatum second = rows.get(1);
        assertThat(second.type()).isEqualTo(new MapType(DType.STRING, new TensorType(DType.FLOAT32, Shape.scalar())));
        assertThat(second.size()).isEqualTo(2);
        assertThat(((Tensor) second.get("y").orElseThrow()).getDouble(0)).isEqualTo(4);
        assertThat(second.get("z")).isEmpty();
        assertThat(second.get(0)).isEmpty();
        assertThat(second.asMap().keySet()).containsExactly("x", "y");
        assertThat(second.asMap().values().stream().map(v -> ((Tensor) v).getDouble(0)))
                .containsExactly(3.0, 4.0);
        assertThatThrownBy(() -> second.asMap().put("x", keys)).isInstanceOf(UnsupportedOperationException.class);
        MapDatum copy = second.copy();
        assertThat(((Tensor) copy.get("x").orElseThrow()).getDouble(0)).isEqualTo(3);
        assertThat(second.toString()).contains("x", "y");
        assertThat(MapDatum.ofRows(keys, Tensor.of(new float[0], 0, 2))).isEmpty();
        assertThatThrownBy(() -> MapDatum.ofRows(keys, Tensor.of(new float[6], 2, 3)))
                .isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> MapDatum.ofRows(keys, Tensor.of(new float[2])))
                .isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> MapDatum.ofRows(Tensor.of(new long[] {1, 1}), Tensor.of(new float[2], 1, 2)))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessageContaining("twice");
    }
}
