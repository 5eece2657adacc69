package dev.tenon.samples.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tenon.error.InvalidInputException;
import dev.tenon.samples.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreCsvCommandTest {
    private static final String MODEL = """
            tree
            version=v4
            num_class=1
            num_tree_per_iteration=1
            label_index=0
            max_feature_idx=1
            objective=regression
            feature_names=age city
            feature_infos=[0:100] 0:1

            Tree=0
            num_leaves=3
            num_cat=1
            split_feature=0 1
            threshold=30 0
            decision_type=8 1
            left_child=1 -1
            right_child=-3 -2
            leaf_value=1 2 4
            cat_boundaries=0 1
            cat_threshold=2

            end of trees

            pandas_categorical:[["Bern", "Chur"]]
            """;

    /** One tree, which splits the first of two columns at 2. */
    private static final String NAMELESS = """
            {"learner":{"attributes":{},"feature_names":[],"feature_types":[],
            "gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"1"},
            "iteration_indptr":[0,1],"tree_info":[0],
            "trees":[{"base_weights":[0.0,-1.0,1.0],"categories":[],"categories_nodes":[],"categories_segments":[],
            "categories_sizes":[],"default_left":[0,0,0],"id":0,"left_children":[1,-1,-1],"loss_changes":[1.0,0.0,0.0],
            "parents":[2147483647,0,0],"right_children":[2,-1,-1],"split_conditions":[2.0,-1.0,1.0],
            "split_indices":[0,0,0],"split_type":[0,0,0],"sum_hessian":[1.0,1.0,1.0],
            "tree_param":{"num_deleted":"0","num_feature":"2","num_nodes":"3","size_leaf_vector":"1"}}]},
            "name":"gbtree"},"learner_model_param":{"base_score":"0","num_class":"0","num_feature":"2","num_target":"1"},
            "objective":{"name":"reg:squarederror","reg_loss_param":{"scale_pos_weight":"1"}}},"version":[2,0,3]}
            """;

    @TempDir
    private Path folder;

    private String model = MODEL;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private List<String> score(String csv, String... options) throws IOException {
        return score(Files.writeString(folder.resolve("model.txt"), model), csv, options);
    }

    private List<String> score(Path file, String csv, String... options) throws IOException {
        Path table = Files.writeString(folder.resolve("table.csv"), csv);
        Path target = folder.resolve("scores.csv");
        List<String> args = new ArrayList<>(List.of(file.toString(), table.toString(), "--out", target.toString()));
        args.addAll(List.of(options));
        assertThat(new ScoreCsvCommand().run(args, new PrintStream(out, true, StandardCharsets.UTF_8)))
                .isZero();
        return Files.readAllLines(target);
    }

    @Test
    void scoresEveryRow() throws IOException {
        String csv = "city,name,age\nBern,a,20\nChur,\"b, c\",20\nChur,d,31\n,e,\n";
        for (String batch : List.of("1", "3", "1000")) {
            assertThat(score(csv, "--batch", batch)).containsExactly("prediction", "2.0", "1.0", "4.0", "4.0");
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("4 rows in");
    }

    @Test
    void otherNamesAndSeparators() throws IOException {
        assertThat(score("a;b\n20;Chur\n20;Basel\n", "--separator", ";", "--columns", "a,b", "--unknown-is-missing"))
                .containsExactly("prediction", "1.0", "2.0");
    }

    /** Each tree of the model is an iteration, the first is the best. */
    @Test
    void treesUpToTheBestIterationOrAll() throws IOException {
        String tree = "{\"default_left\":[0,0,0],\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1],"
                + "\"split_conditions\":[30,1,2],\"split_indices\":[0,0,0]}";
        Path model = Files.writeString(
                folder.resolve("model.json"),
                "{\"learner\":{\"attributes\":{\"best_iteration\":\"0\"},\"feature_names\":[\"age\"],"
                        + "\"gradient_booster\":{\"model\":{\"tree_info\":[0,0],\"trees\":[" + tree + "," + tree
                        + "]},\"name\":\"gbtree\"},\"learner_model_param\":{\"base_score\":\"0\",\"num_feature\":\"1\"},"
                        + "\"objective\":{\"name\":\"reg:squarederror\"}},\"version\":[3,0,0]}");
        String csv = "age\n20\n40\n";
        assertThat(score(model, csv)).containsExactly("prediction", "2.0", "4.0");
        assertThat(score(model, csv, "--trees", "all")).containsExactly("prediction", "2.0", "4.0");
        assertThat(score(model, csv, "--trees", "best-iteration")).containsExactly("prediction", "1.0", "2.0");
    }

    @Test
    void errorsNameRowAndColumn() {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> score("city,age\nBern,20\nBasel,20\n"))
                .withMessageContaining("line 3, column 'city'")
                .withMessageContaining("'Basel'")
                .withMessageContaining("Bern, Chur")
                .withMessageContaining("give --unknown-is-missing");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> score("city,age\nBern,old\n"))
                .withMessageContaining("line 2, column 'age'");
        // A cell of two lines: the record begins in line 2, the next one in line 4.
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> score("name,city,age\n\"a\nb\",Bern,20\nc,Chur,old\n", "--batch", "1"))
                .withMessageContaining("line 4, column 'age'");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> score("city\nBern\n"))
                .withMessageContaining("column 'age'")
                .withMessageContaining("--columns");
        assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> score("city,age\nBern\n"));
        assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> score(""));
    }

    @Test
    void columnsAreKeptBesideThePredictions() throws IOException {
        String csv = "id,city,age,name\n7,Bern,20,\"x, y\"\n8,Chur,20,\n9,Chur,31,z\n";
        for (String batch : List.of("1", "2", "1000")) {
            assertThat(score(csv, "--keep", "name,id", "--batch", batch))
                    .containsExactly("name,id,prediction", "\"x, y\",7,2.0", ",8,1.0", "z,9,4.0");
        }
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> score(csv, "--keep", "key"))
                .withMessageContaining("--keep key: no such column")
                .withMessageContaining("id, city, age, name");
    }

    /** XGBoost writes no names of columns after training on arrays. */
    @Test
    void aModelWithoutNamesTakesTheColumnsOfTheFileInOrder() throws IOException {
        model = NAMELESS;
        assertThat(score("a,b\n1,9\n3,9\n")).containsExactly("prediction", "-1.0", "1.0");
        assertThat(score("id,a,b\n7,1,9\n8,3,9\n", "--keep", "id")).containsExactly("id,prediction", "7,-1.0", "8,1.0");
        assertThat(score("f1,f0\n9,1\n")).as("names that XGBoost gives").containsExactly("prediction", "-1.0");
        assertThat(score("id,a,b\n7,9,1\n", "--columns", "b,a")).containsExactly("prediction", "-1.0");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> score("id,a,b\n7,1,9\n"))
                .withMessageContaining("3 columns for a model that names none: id, a, b")
                .withMessageContaining("2 columns")
                .withMessageContaining("--keep");
        model = MODEL.replace("age city", "Column_0 Column_1");
        assertThat(score("a,b\n20,Chur\n")).as("names that LightGBM gives").containsExactly("prediction", "1.0");
    }

    @Test
    void wrongArgumentsAreRefused() {
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        for (List<String> args : List.of(
                List.<String>of(),
                List.of("a", "b"),
                List.of("a", "b", "--out"),
                List.of("a", "b", "--out", "c", "--batch", "0"),
                List.of("a", "b", "--out", "c", "--trees", "best"),
                List.of("a", "b", "--out", "c", "--other"))) {
            assertThatExceptionOfType(UsageException.class).isThrownBy(() -> new ScoreCsvCommand().run(args, stream));
        }
    }

    @Test
    void progressShowsRateAndTimeLeft() {
        assertThat(ScoreCsvCommand.progress(120_000, 400, 1000, 2_000_000_000L))
                .isEqualTo(" 40 %  120,000 rows, 60,000 rows/s, 3 s left");
    }
}
