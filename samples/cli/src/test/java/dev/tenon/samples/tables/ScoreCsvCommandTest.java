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

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private List<String> score(String csv, String... options) throws IOException {
        return score(Files.writeString(folder.resolve("model.txt"), MODEL), csv, options);
    }

    private List<String> score(Path model, String csv, String... options) throws IOException {
        Path table = Files.writeString(folder.resolve("table.csv"), csv);
        Path target = folder.resolve("scores.csv");
        List<String> args = new ArrayList<>(List.of(model.toString(), table.toString(), "--out", target.toString()));
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
                .withMessageContaining("row 1, column 'city'")
                .withMessageContaining("'Basel'")
                .withMessageContaining("Bern, Chur");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> score("city,age\nBern,old\n"))
                .withMessageContaining("row 0, column 'age'");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> score("city\nBern\n"))
                .withMessageContaining("column 'age'");
        assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> score("city,age\nBern\n"));
        assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> score(""));
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
