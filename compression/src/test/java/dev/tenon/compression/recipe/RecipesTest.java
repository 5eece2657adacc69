package dev.tenon.compression.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.CompressionReport;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Score;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.search.Objective;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipesTest {
    private static String ofSteps(int count) {
        return "{\"steps\": [" + String.join(",", Collections.nCopies(count, "{\"step\": \"half\"}")) + "]}";
    }

    @Test
    void stepsAreLimited(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("many.json");
        Files.writeString(file, ofSteps(200_000));
        assertThatThrownBy(() -> RECIPES.read(file))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("many.json: 200000 steps; allowed 1000 steps")
                .hasMessageContaining("RecipeLimits.maxSteps");
        Files.writeString(file, ofSteps(1000));
        assertThat(RECIPES.read(file).name()).isEqualTo("many");
        Recipes more = RECIPES.limits(RecipeLimits.standard().maxSteps(3));
        assertThat(more.step("none", o -> new Named("none")).limits().maxSteps())
                .as("a copy has the same limits")
                .isEqualTo(3);
        assertThat(more.parse("three", "document", ofSteps(3))).isNotNull();
        assertThatThrownBy(() -> more.parse("four", "document", ofSteps(4)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("document: 4 steps; allowed 3 steps");
    }

    @Test
    void bytesAreLimited(@TempDir Path folder) throws IOException {
        String text = ofSteps(1);
        Path file = folder.resolve("long.json");
        Files.writeString(file, text);
        Recipes enough = RECIPES.limits(RecipeLimits.standard().maxBytes(text.length()));
        assertThat(enough.read(file)).isNotNull();
        assertThat(enough.parse("long", "document", text)).isNotNull();
        Recipes less = RECIPES.limits(RecipeLimits.standard().maxBytes(text.length() - 1));
        assertThatThrownBy(() -> less.read(file))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("RecipeLimits.maxBytes");
        assertThatThrownBy(() -> less.parse("long", "document", text))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("RecipeLimits.maxBytes");
        for (int limit : new int[] {0, -1}) {
            assertThatThrownBy(() -> RecipeLimits.standard().maxBytes(limit))
                    .isInstanceOf(InvalidOptionException.class);
            assertThatThrownBy(() -> RecipeLimits.standard().maxSteps(limit))
                    .isInstanceOf(InvalidOptionException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0, 0",
        "7, 7",
        "1e2, 100.0",
        "1E+2, 100.0",
        "100e-2, 1.0",
        "-1.5, -1.5",
        "123456789012345678, 123456789012345678"
    })
    void numbersOfJson(String text, String value) {
        assertThat(Recipes.json("document", text)).hasToString(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"01", "1.", ".5", "+1", "-", "1e", "1e+", "--1", "0x1", "1e999"})
    void numbersThatAreNoneAreRefused(String text) {
        assertThatThrownBy(() -> Recipes.json("document", text)).isInstanceOf(CompressionException.class);
    }

    private static final Model MODEL =
            Model.of(GraphText.parse("graph (%x: f32[2]) {\n%y = Neg(%x) return %y\n}", StandardOperators.set()));

    private static final Recipes RECIPES = Recipes.none()
            .step("half", o -> new Named("half " + o.number("share", 0.5, 0, 1) + " " + o.integer("bits", 8, 2, 8)))
            .step(
                    "round",
                    o -> new Named("round " + o.choice("mode", RoundingMode.HALF_EVEN) + " " + o.flag("fine", false)
                            + " " + o.choice("by", "channel", "tensor")))
            .step(
                    "layers",
                    o -> new Named(
                            "layers " + o.layers().accepts(MODEL.graph().nodes().getFirst())))
            .steps("both", o -> List.of(new Named("a"), new Named("b")))
            .search(
                    "auto",
                    (compressor, goal, progress) -> compressor
                            .apply(new Named("found " + goal.objective()))
                            .run(progress));

    /** A step that changes nothing and reports its name. */
    private record Named(String name) implements Step {
        @Override
        public boolean needsSamples() {
            return false;
        }

        @Override
        public Model apply(Model model, StepContext context) {
            context.report(LayerReport.kept("all", name, ""));
            return model;
        }
    }

    private static List<String> techniques(Recipe recipe) {
        Compression result = recipe.run(Compressor.of(MODEL), Goal.smallest(), Progress.ignored());
        assertThat(result.report().recipe()).isEqualTo(recipe.name());
        return result.report().layers().stream().map(LayerReport::technique).toList();
    }

    private static Recipe parse(String text) {
        return RECIPES.parse("mine", "mine.json", text);
    }

    @Test
    void aNameHasTheDefaultsOfAllOptions() {
        assertThat(RECIPES.names()).containsExactly("half", "round", "layers", "both", "auto");
        assertThat(techniques(RECIPES.find("half"))).containsExactly("half 0.5 8");
        assertThat(techniques(RECIPES.find("round"))).containsExactly("round HALF_EVEN false channel");
        assertThat(techniques(RECIPES.find("both"))).containsExactly("a", "b");
        assertThat(techniques(RECIPES.find("auto"))).containsExactly("found SIZE");
        assertThat(RECIPES.find("auto").needsSamples()).isTrue();
        assertThat(RECIPES.find("half").needsSamples()).isFalse();
        assertThatThrownBy(() -> RECIPES.find("quarter"))
                .isInstanceOf(CompressionException.class)
                .hasMessage("recipe: 'quarter'; allowed half, round, layers, both, auto");
    }

    @Test
    void aFilePutsStepsTogether(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("mine.json");
        Files.writeString(file, """
                {"steps": [
                  {"step": "half", "options": {"share": 0.25, "bits": 4}},
                  {"step": "both"},
                  {"step": "round", "options": {"mode": "half-up", "fine": true, "by": "tensor"}},
                  {"step": "layers", "options": {"include": ["Neg"], "exclude": []}}
                ]}""");
        Recipe recipe = RECIPES.read(file);
        assertThat(recipe.name()).isEqualTo("mine");
        assertThat(techniques(recipe))
                .containsExactly("half 0.25 4", "a", "b", "round HALF_UP true tensor", "layers true");
        Files.write(file, new byte[] {'"', (byte) 0xFF, '"'});
        assertThatThrownBy(() -> RECIPES.read(file))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("not UTF-8");
        assertThatThrownBy(() -> RECIPES.read(folder.resolve("none.json"))).isInstanceOf(CompressionException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            [] | mine.json: []; allowed an object
            {} | no list 'steps'
            {"steps": []} | no list 'steps'
            {"steps": {}} | no list 'steps'
            {"steps": [{"step": "half"}], "name": 1} | member 'name'; allowed steps
            {"steps": ["half"]} | steps[0]: "half"; allowed an object
            {"steps": [{}]} | null as 'step'
            {"steps": [{"step": "half", "bits": 4}]} | steps[0]: member 'bits'; allowed step, options
            {"steps": [{"step": "half"}, {"step": "none"}]} | steps[1]: 'none'; allowed half, round, layers, both
            {"steps": [{"step": "auto"}]} | search 'auto'
            {"steps": [{"step": "half", "options": 3}]} | options: 3; allowed an object
            {"steps": [{"step": "half", "options": {"shear": 1}}]} | steps[0] 'half': option 'shear'; allowed share, bits
            {"steps": [{"step": "both", "options": {"shear": 1}}]} | option 'shear'; allowed no options
            {"steps": [{"step": "half", "options": {"share": 1.5}}]} | option 'share': 1.5; allowed numbers from 0.0 to 1.0
            {"steps": [{"step": "half", "options": {"share": "1"}}]} | option 'share': "1"
            {"steps": [{"step": "half", "options": {"bits": 4.0}}]} | option 'bits': 4.0; allowed whole numbers from 2 to 8
            {"steps": [{"step": "half", "options": {"bits": 9}}]} | option 'bits': 9
            {"steps": [{"step": "round", "options": {"mode": "up-half"}}]} | allowed half-even, up, down
            {"steps": [{"step": "round", "options": {"fine": 1}}]} | option 'fine': 1; allowed true, false
            {"steps": [{"step": "round", "options": {"by": "row"}}]} | option 'by': "row"; allowed channel, tensor
            {"steps": [{"step": "layers", "options": {"include": "Neg"}}]} | option 'include': "Neg"; allowed a list of strings
            {"steps": [{"step": "layers", "options": {"exclude": [1]}}]} | option 'exclude': [1]; allowed a list of strings
            """)
    void aWrongRecipeNamesThePlace(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining(message);
    }

    @Test
    void selectorsOfAllStepsAreCheckedBeforeAnyWork() {
        List<String> tasks = new ArrayList<>();
        Recipe recipe = parse("""
                {"steps": [{"step": "half"}, {"step": "layers", "options": {"exclude": ["Neg"]}},
                 {"step": "layers", "options": {"include": ["Conv"]}}]}""");
        assertThatThrownBy(() ->
                        recipe.run(Compressor.of(MODEL), Goal.smallest(), (task, share, remaining) -> tasks.add(task)))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("selector 'Conv'");
        assertThat(tasks).isEmpty();
    }

    @Test
    void aRecipeKeepsScoresInItsOwnFileIfItIsJudged(@TempDir Path folder) throws IOException {
        Path state = folder.resolve("state");
        Goal goal = new Goal(Objective.SIZE, Optional.of(state), Optional.empty());
        Compressor compressor = Compressor.of(MODEL);
        RECIPES.find("both").run(compressor, goal, Progress.ignored());
        assertThat(state).doesNotExist();
        Compressor judged =
                compressor.evaluate(Samples.of(List.of(Map.of("x", Tensor.of(new float[] {1, 2})))), Metric.cosine());
        RECIPES.find("both").run(judged, Goal.smallest(), Progress.ignored());
        assertThat(folder).isEmptyDirectory();
        Score score = RECIPES.find("both")
                .run(judged, goal, Progress.ignored())
                .report()
                .score()
                .orElseThrow();
        assertThat(files(state)).hasSize(1);
        Path file = files(state).getFirst();
        assertThat(Files.readString(file)).contains("step 1\tcosine\t").contains("step 2\tcosine\t");
        Compression again = RECIPES.find("both").run(judged, goal, Progress.ignored());
        assertThat(again.report().score()).contains(score);
        assertThat(files(state)).containsExactly(file);
        parse("{\"steps\": [{\"step\": \"both\"}]}").run(judged, goal, Progress.ignored());
        RECIPES.find("both").run(judged.seed(4), goal, Progress.ignored());
        assertThat(files(state)).hasSize(3);
        Files.writeString(file, "something else");
        assertThatThrownBy(() -> RECIPES.find("both").run(judged, goal, Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("a file that an earlier run has written");
    }

    /** A step whose text tells which object it is, as that of any class does. */
    private static final class Further implements Step {
        private final Named named = new Named("further");

        @Override
        public String name() {
            return named.name();
        }

        @Override
        public boolean needsSamples() {
            return named.needsSamples();
        }

        @Override
        public Model apply(Model model, StepContext context) {
            return named.apply(model, context);
        }
    }

    @Test
    void checkpointsOfFurtherStepsAreFoundAgainByTheirText(@TempDir Path folder) throws IOException {
        Goal goal = new Goal(Objective.SIZE, Optional.of(folder), Optional.empty());
        Compressor judged = Compressor.of(MODEL)
                .evaluate(Samples.of(List.of(Map.of("x", Tensor.of(new float[] {1, 2})))), Metric.cosine());
        List<String> hashes = new ArrayList<>();
        for (String told : List.of("further 1", "further 1", "further 2")) {
            Recipe recipe = RECIPES.find("half").followedBy(told, new Further());
            CompressionReport report =
                    recipe.run(judged, goal, Progress.ignored()).report();
            assertThat(report.recipe()).isEqualTo("half+further");
            hashes.add(report.details().evidence().hashes().recipe());
        }
        assertThat(hashes.get(1)).isEqualTo(hashes.get(0)).isNotEqualTo(hashes.get(2));
        assertThat(files(folder)).as("a file for each text").hasSize(2);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void valuesOfJson() {
        assertThat(Recipes.json("d", " {\"a\" : [1, -2.5e1, true, false, null, \"x\\u00e9\\n\\\"\\/\"], \"b\":{} } "))
                .hasToString("{a=[1, -25.0, true, false, null, xé\n\"/], b={}}");
        assertThat(Recipes.json("d", "1234567890123456789")).isEqualTo(1234567890123456789L);
        assertThat(Recipes.json("d", "12345678901234567890")).isEqualTo(12345678901234567890.0);
        assertThat(Recipes.json("d", "[".repeat(64) + "]".repeat(64))).isInstanceOf(List.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[1,]",
                "{\"a\":1,}",
                "{\"a\" 1}",
                "{a:1}",
                "[1 2]",
                "01",
                "1.",
                ".5",
                "+1",
                "1e",
                "NaN",
                "tru",
                "\"a",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\n\"",
                "1 2",
                "{\"a\":1,\"a\":2}",
                "1e999",
                "[,1]",
                "'a'",
                "nul"
            })
    void whatIsNoJsonIsRefused(String text) {
        assertThatThrownBy(() -> Recipes.json("d", text))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("line");
    }

    @Test
    void deepNestingAndPlaces() {
        assertThatThrownBy(() -> Recipes.json("d", "[".repeat(70)))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("nested deeper");
        assertThatThrownBy(() -> Recipes.json("d", "{\n  \"a\": x}"))
                .isInstanceOf(CompressionException.class)
                .hasMessageStartingWith("d: no JSON: Unrecognized token 'x'")
                .hasMessageContaining(" at line 2, column ");
    }
}
