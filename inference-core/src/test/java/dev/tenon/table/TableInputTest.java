package dev.tenon.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tenon.Model;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.table.TableInput.UnknownCategory;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableInputTest {
    private static final String TREES = """
            tree
            version=v4
            num_class=1
            num_tree_per_iteration=1
            label_index=0
            max_feature_idx=2
            objective=regression
            feature_names=age city size
            feature_infos=[0:100] 0:1 [0:1]

            Tree=0
            num_leaves=2
            num_cat=1
            split_feature=1
            threshold=0
            decision_type=1
            left_child=-1
            right_child=-2
            leaf_value=1 2
            cat_boundaries=0 1
            cat_threshold=2

            end of trees

            pandas_categorical:[["Bern", "Chur"]]
            """;

    /** A person, for rows that are records. */
    private record Person(int age, String city, double size, boolean member) {}

    /** A city, for rows that are records. */
    private enum City {
        BERN,
        CHUR
    }

    private record Boxed(Integer age, City city, Float size) {}

    private record Wrong(List<String> age) {}

    @TempDir
    private Path folder;

    private static Model trees() {
        return Model.load(ByteBuffer.wrap(TREES.getBytes(StandardCharsets.UTF_8)));
    }

    private static Model columns() {
        return Model.of(GraphText.parse("""
                graph (%age: i64[N,1], %city: string[N,1], %size: f32[N], %ok: bool[N,1], %level: i8[N,1]) {
                %a = Identity(%age)
                %c = Identity(%city)
                %s = Identity(%size)
                %o = Identity(%ok)
                %l = Identity(%level)
                return %a, %c, %s, %o, %l
                }
                """, StandardOperators.set()));
    }

    private static double[] features(Map<String, Tensor> inputs) {
        return inputs.get("features").toDoubleArray();
    }

    @Test
    void recordsFillTheMatrix() {
        List<Person> people = List.of(new Person(31, "Chur", 1.5, true), new Person(42, "Bern", Double.NaN, false));
        Map<String, Tensor> inputs =
                TableInput.of(trees()).read(TableRows.ofRecords(Person.class, MethodHandles.lookup(), people));
        assertThat(inputs).containsOnlyKeys("features");
        assertThat(features(inputs)).containsExactly(31, 1, 1.5, 42, 0, Double.NaN);
        assertThat(trees().predict(inputs).tensor("prediction").toDoubleArray()).containsExactly(1, 2);
    }

    @Test
    void boxedComponentsMayBeNull() {
        TableInput table = TableInput.of(trees()).unknownCategories(UnknownCategory.MISSING);
        List<Boxed> rows = List.of(new Boxed(1, null, 2f), new Boxed(null, City.BERN, null));
        assertThat(features(table.read(TableRows.ofRecords(Boxed.class, MethodHandles.lookup(), rows))))
                .containsExactly(1, Double.NaN, 2, Double.NaN, Double.NaN, Double.NaN);
    }

    @Test
    void mapsMayLackColumns() {
        Map<String, Object> second = new HashMap<>();
        second.put("city", null);
        List<Map<String, Object>> rows = List.of(Map.of("age", 7L, "city", "Bern", "size", true), second);
        TableInput table = TableInput.of(trees());
        assertThat(features(table.read(TableRows.ofMaps(rows, List.of("size", "city", "age")))))
                .containsExactly(7, 0, 1, Double.NaN, Double.NaN, Double.NaN);
    }

    @Test
    void arraysFillColumnsOfEveryType() {
        BitSet missing = new BitSet();
        missing.set(1);
        TableRows rows = new ColumnArrays()
                .add("age", new long[] {3, 9}, missing)
                .add("city", new String[] {"Bern", null})
                .add("size", new float[] {0.5f, Float.NaN})
                .add("ok", new boolean[] {true, false})
                .add("level", new double[] {-128, 127})
                .rows();
        Map<String, Tensor> inputs =
                TableInput.of(columns()).orElse("age", -1).orElse("city", "?").read(rows);
        assertThat(inputs.get("age").toLongArray()).containsExactly(3, -1);
        assertThat(inputs.get("age").dims()).containsExactly(2, 1);
        assertThat(inputs.get("city").getString(1)).isEqualTo("?");
        assertThat(inputs.get("size").toFloatArray()).containsExactly(0.5f, Float.NaN);
        assertThat(inputs.get("size").dims()).containsExactly(2);
        assertThat(inputs.get("ok").dtype()).isEqualTo(DType.BOOL);
        assertThat(inputs.get("ok").getLong(0)).isEqualTo(1);
        assertThat(inputs.get("level").dtype()).isEqualTo(DType.INT8);
        assertThat(inputs.get("level").getLong(1)).isEqualTo(127);
        assertThat(columns().predict(inputs).tensor("a").getLong(1)).isEqualTo(-1);
    }

    @Test
    void textsAreNumbersWhereNumbersAreWanted() {
        TableRows rows = new ColumnArrays()
                .add("years", new String[] {"31", "", "-1.5e2"})
                .add("city", new String[] {"Bern", "", "Chur"})
                .rows();
        TableInput table = TableInput.of(trees()).from("age", "years").orElse("size", 8);
        assertThat(features(table.read(rows))).containsExactly(31, 0, 8, Double.NaN, Double.NaN, 8, -150, 1, 8);
    }

    @Test
    void numbersOfCategoriesArePassedIfTheirTextsAreNotKnown() {
        String codes = TREES.replaceAll("pandas_categorical.*", "");
        Model model = Model.load(ByteBuffer.wrap(codes.getBytes(StandardCharsets.UTF_8)));
        TableRows rows = new ColumnArrays()
                .add("age", new double[1])
                .add("city", new long[] {33})
                .add("size", new double[1])
                .rows();
        assertThat(features(TableInput.of(model).read(rows))).containsExactly(0, 33, 0);
        String wholes = TREES.replace("[\"Bern\", \"Chur\"]", "[10, 33]");
        Model numbered = Model.load(ByteBuffer.wrap(wholes.getBytes(StandardCharsets.UTF_8)));
        TableRows again = new ColumnArrays()
                .add("age", new double[2])
                .add("city", new double[] {33, 10})
                .add("size", new double[2])
                .rows();
        assertThat(features(TableInput.of(numbered).read(again))).containsExactly(0, 1, 0, 0, 0, 0);
    }

    private static TableRows rows(String name, Object... cells) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Object cell : cells) {
            Map<String, Object> row =
                    new HashMap<>(Map.of("age", 1, "city", "Bern", "size", 2, "ok", true, "level", 3));
            row.put(name, cell);
            rows.add(row);
        }
        return TableRows.ofMaps(rows, List.of("age", "city", "size", "ok", "level"));
    }

    private static void refuses(TableInput table, TableRows rows, String... parts) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> table.read(rows))
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void errorsNameRowAndColumn() {
        TableInput trees = TableInput.of(trees());
        refuses(trees, rows("city", "Bern", "Basel"), "row 1, column 'city'", "'Basel'", "Bern, Chur", "MISSING");
        refuses(trees, rows("city", 0), "row 0, column 'city'");
        refuses(trees, rows("age", "old"), "row 0, column 'age'", "'old'", "a number");
        refuses(trees, rows("age", List.of()), "row 0, column 'age'");
        TableInput columns = TableInput.of(columns());
        refuses(columns, rows("age", 1, 2, 2.5), "row 2, column 'age'", "2.5", "a whole number");
        refuses(columns, rows("age", (Object) null), "row 0, column 'age'", "missing", "orElse");
        refuses(columns, rows("age", 1e19), "row 0, column 'age'");
        refuses(columns, rows("city", (Object) null), "row 0, column 'city'", "missing", "orElse");
        refuses(columns, rows("level", 128), "row 0, column 'level'", "-128 to 127");
        refuses(columns, rows("ok", 2), "row 0, column 'ok'", "0 to 1");
        refuses(trees, new ColumnArrays().add("age", new double[1]).rows(), "column 'city'", "orElse");
    }

    @Test
    void optionsNameColumnsOfTheModel() {
        TableInput table = TableInput.of(trees());
        assertThat(table.columns()).containsExactly("age", "city", "size");
        assertThatExceptionOfType(InvalidOptionException.class)
                .isThrownBy(() -> table.from("weight", "w"))
                .withMessageContaining("[age, city, size]");
        assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> table.orElse("weight", 1));
        assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> table.batches(rows("age", 1), 0));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> table.orElse("age", "old").read(rows("age", 1)));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> TableRows.ofRecords(Wrong.class, MethodHandles.lookup(), List.of()))
                .withMessageContaining("'age'");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> TableRows.ofRecords(Person.class, List.of()))
                .withMessageContaining("MethodHandles.lookup()");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> new ColumnArrays().add("a", new double[1]).add("b", new double[2]));
    }

    @Test
    void matricesOfOtherModelsGetNames() {
        Model model = Model.of(
                GraphText.parse("graph (%x: f32[N,2]) {\n%y = Identity(%x)\nreturn %y\n}", StandardOperators.set()));
        assertThatExceptionOfType(InvalidOptionException.class)
                .isThrownBy(() -> TableInput.of(model))
                .withMessageContaining("'x'");
        assertThatExceptionOfType(InvalidOptionException.class)
                .isThrownBy(() -> TableInput.of(model, Map.of("x", List.of("age"))));
        assertThatExceptionOfType(InvalidOptionException.class)
                .isThrownBy(() -> TableInput.of(model, Map.of("z", List.of("age", "size"))));
        TableInput table = TableInput.of(model, Map.of("x", List.of("size", "age")));
        assertThat(table.read(rows("size", 0.1)).get("x").toFloatArray()).containsExactly(0.1f, 1);
    }

    @Test
    void namesAndCategoriesSurviveTheChangeOfFormat() throws IOException {
        Path saved = folder.resolve("trees.onnx");
        trees().save(saved);
        TableInput table = TableInput.of(Model.load(saved));
        assertThat(table.columns()).containsExactly("age", "city", "size");
        assertThat(features(table.read(rows("city", "Chur")))).containsExactly(1, 1, 2);
    }

    @Test
    void aBatchOfMoreRowsThanAnArrayHoldsTakesMemoryForThoseThatCome() {
        TableInput table = TableInput.of(trees()).orElse("city", "Bern").orElse("size", 0);
        for (int rows : new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE / 3}) {
            TableBatch batch = table.batches(rows("age", 1), rows);
            assertThat(batch.next()).isTrue();
            assertThat(batch.count()).isEqualTo(1);
            assertThat(batch.next()).isFalse();
        }
    }

    @Test
    void batchesUseTheirBufferAgain() {
        double[] ages = new double[10];
        Arrays.setAll(ages, i -> i);
        String[] cities = new String[10];
        Arrays.fill(cities, "Bern");
        TableRows rows = new ColumnArrays()
                .add("age", ages)
                .add("city", cities)
                .add("size", new double[10])
                .rows();
        TableBatch batch = TableInput.of(trees()).batches(rows, 4);
        List<Integer> counts = new ArrayList<>();
        List<Double> first = new ArrayList<>();
        while (batch.next()) {
            counts.add(batch.count());
            Tensor features = batch.inputs().get("features");
            assertThat(features.dims()).containsExactly(batch.count(), 3);
            first.add(features.getDouble(0));
            assertThat(batch.first()).isEqualTo((long) features.getDouble(0));
        }
        assertThat(counts).containsExactly(4, 4, 2);
        assertThat(first).containsExactly(0.0, 4.0, 8.0);
        assertThat(batch.next()).isFalse();
    }
}
