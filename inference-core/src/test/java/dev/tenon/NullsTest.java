package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.StreamSource;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.serving.bulk.Bulk;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Trial;
import dev.tenon.table.CellKind;
import dev.tenon.table.ColumnArrays;
import dev.tenon.table.TableInput;
import dev.tenon.table.TableRows;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Tokenizer;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * An argument that is null is a {@code NullPointerException} that names the parameter. A null within an argument, such as a
 * row or a value of a map, is a typed exception that says where it is.
 */
class NullsTest {
    private static final Model MODEL = SmallModels.perceptron();
    private static final Map<String, Tensor> X = Map.of("x", SmallModels.random(1, 16));

    private static void names(String parameter, Executable call) {
        assertThatNullPointerException().isThrownBy(call::execute).withMessage(parameter);
    }

    private static Map<String, Datum> withNull(String name) {
        Map<String, Datum> inputs = new HashMap<>(X);
        inputs.put(name, null);
        return inputs;
    }

    @Test
    void inputsOfCalls() throws Exception {
        Session session = MODEL.session();
        Batcher batcher = Batcher.of(session, BatchOptions.standard());
        Models models = Models.create();
        models.load("m", "1", MODEL, Trial.none());
        models.promote("m", "1");
        names("inputs", () -> MODEL.predict((Map<String, Datum>) null));
        names("inputs", () -> session.predict((Map<String, Datum>) null));
        names("input", () -> MODEL.predict((Tensor) null));
        names("input", () -> session.predict((Tensor) null));
        names("inputs", () -> session.predict((Map<String, Datum>) null, Map.of()));
        names("outputs", () -> session.predict(X, (Map<String, Tensor>) null));
        names("stop", () -> session.predict(X, (java.util.function.BooleanSupplier) null));
        names("inputs", () -> session.check(null));
        names("inputs", () -> batcher.predict(null));
        names("call", () -> batcher.predict(X, null));
        names("inputs", () -> batcher.submit(null, Call.standard()));
        names("call", () -> batcher.submit(X, null));
        names("ended", () -> batcher.submit(X, Call.standard(), null));
        names("inputs", () -> models.predict("m", null));
        for (Executable call : List.<Executable>of(
                () -> session.predict(withNull("x")),
                () -> session.predict(withNull(null)),
                () -> batcher.predict(withNull("x")),
                () -> batcher.predict(withNull(null)),
                () -> models.predict("m", withNull("x")))) {
            assertThat(Typed.failure(call))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("null");
        }
        Throwable submitted = org.assertj.core.api.Assertions.catchThrowable(
                () -> batcher.submit(withNull("x"), Call.standard()).get());
        assertThat(submitted).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(InvalidInputException.class);
        Map<String, Tensor> outputs = new HashMap<>();
        outputs.put("y", null);
        assertThat(Typed.failure(() -> session.predict(X, outputs)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("output 'y': null");
    }

    @Test
    void sourcesOfModels() {
        names("stream", () -> Model.load((InputStream) null));
        names("buffer", () -> Model.load((ByteBuffer) null));
        names("name", () -> Model.load(null, () -> InputStream.nullInputStream()));
        names("source", () -> Model.load("m", (StreamSource) null));
        names("tokenizerJson", () -> Tokenizer.load((InputStream) null));
        names("tokenizerJson", () -> Tokenizer.load("t", (StreamSource) null));
    }

    @Test
    void samplesAndPadding() {
        List<Map<String, Datum>> samples = Arrays.asList(Map.copyOf(X), withNull("x"));
        assertThat(Typed.failure(() -> BatchOptions.standard().samples(samples)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("null for input 'x' of sample 1");
        assertThat(Typed.failure(() -> BatchOptions.standard().samples(Arrays.asList(Map.copyOf(X), null))))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("null as sample 1");
        Map<String, Double> values = new HashMap<>();
        values.put("x", null);
        assertThat(Typed.failure(() -> BatchOptions.standard().pad(1, values)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("null for input 'x'");
    }

    @Test
    void itemsOfASeries() {
        Bulk bulk = Bulk.of(MODEL.session());
        List<Map<String, ? extends Datum>> items = Arrays.asList(X, null, withNull("x"));
        var results = bulk.results(items.iterator(), item -> item);
        assertThat(results.next().failure()).isNull();
        for (int i = 1; i < 3; i++) {
            assertThat(results.next().failure())
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("null");
        }
        names("items", () -> bulk.run(null, item -> X, (i, item, y) -> {}));
        names("toInputs", () -> bulk.run(items.iterator(), null, (i, item, y) -> {}));
        names("sink", () -> bulk.run(items.iterator(), item -> X, null));
        names("items", () -> bulk.results(null, item -> X));
    }

    /** A row. */
    public record Age(long age) {}

    /** One row with a cell of a kind and a text. */
    private record OneRow(CellKind kind, String text, int[] left) implements TableRows {
        @Override
        public List<String> columns() {
            return List.of("age");
        }

        @Override
        public boolean next() {
            return left[0]-- > 0;
        }

        @Override
        public CellKind kind(int column) {
            return kind;
        }

        @Override
        public long whole(int column) {
            return 0;
        }

        @Override
        public double number(int column) {
            return 0;
        }

        @Override
        public boolean truth(int column) {
            return false;
        }

        @Override
        public String text(int column) {
            return text;
        }
    }

    private static TableInput ages(DType type) {
        return TableInput.of(
                SmallModels.model("graph (%age: " + type.text() + "[N,1]) { %y = Identity(%age) return %y }"));
    }

    @Test
    void rowsOfTables() {
        List<Map<String, ?>> maps = Arrays.asList(Map.of("age", 1), null);
        List<Age> records = Arrays.asList(new Age(1), null);
        for (DType type : List.of(DType.FLOAT32, DType.INT64, DType.STRING)) {
            TableInput table = ages(type);
            for (TableRows rows : List.of(
                    TableRows.ofMaps(maps, List.of("age")),
                    TableRows.ofRecords(Age.class, java.lang.invoke.MethodHandles.lookup(), records))) {
                assertThat(Typed.failure(() -> table.read(rows)))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining("row 1: null");
            }
            for (TableRows rows :
                    List.of(new OneRow(null, "", new int[] {1}), new OneRow(CellKind.TEXT, null, new int[] {1}))) {
                assertThat(Typed.failure(() -> table.read(rows)))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining("row 0, column 'age': null");
            }
            names("rows", () -> table.read(null));
            names("rows", () -> table.batches(null, 1));
        }
        names("rows", () -> TableRows.ofMaps(null, List.of()));
        names("columns", () -> TableRows.ofMaps(List.of(), null));
        names("rows", () -> TableRows.ofRecords(Age.class, null));
        names("values", () -> new ColumnArrays().add("age", (double[]) null));
        names("values", () -> new ColumnArrays().add("age", (String[]) null));
        names("name", () -> new ColumnArrays().add(null, new double[1]));
        assertThat(Typed.failure(() -> TableRows.ofMaps(List.of(), Arrays.asList("a", null))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("column 1: null");
        Map<String, List<String>> columns = new HashMap<>();
        columns.put("age", Arrays.asList((String) null));
        assertThat(Typed.failure(() -> TableInput.of(
                        SmallModels.model("graph (%age: f32[N,1]) { %y = Identity(%age) return %y }"), columns)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("[null] for input 'age'");
    }
}
