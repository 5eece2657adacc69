package dev.tenon.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.JavaSources;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The blocks of Java in README.md, SECURITY.md and docs/*.md compile, all in one call of the compiler, and run in a folder that has the
 * files they name. Links lead somewhere. Commands name samples and options that there are, and {@code pages/commands.txt} says what runs
 * each of them.
 *
 * <p>An HTML comment right before a block has what the page takes for granted:
 *
 * <ul>
 *   <li>{@code <!-- java: CODE -->}: code that comes first; if it has a line of three dots, the block takes its place
 *   <li>{@code <!-- java, not run (REASON): CODE -->}: the same for a block that is compiled only
 *   <li>{@code <!-- java, prints (TEXT): ARGUMENT... -->}: for a whole program, with what it prints for these files
 * </ul>
 */
class PagesTest {
    private static final Path ROOT = Path.of(System.getProperty("tenon.root", "../.."));

    private static final Pattern BLOCK = Pattern.compile(
            "(?:^<!-- java(?:, (not run|prints) \\(([^)]*)\\))?:((?:(?!-->).)*)-->\\n)?^```(\\w*)\\n(.*?)^```$",
            Pattern.DOTALL | Pattern.MULTILINE);

    /** A command in a line of text. */
    private static final Pattern SAMPLE = Pattern.compile("samples/run ([a-z][a-z0-9-]*)([^`\n]*)");

    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)\\s]+)\\)");

    private static final Pattern OPTION = Pattern.compile("(?<= )--[a-z][a-z-]*");

    /** What the blocks that import nothing see. */
    private static final String IMPORTS = Stream.of(
                    "dev.tenon dev.tenon.compression dev.tenon.compression.compare dev.tenon.compression.metric",
                    "dev.tenon.compression.quantize dev.tenon.compression.recipe dev.tenon.embedding dev.tenon.error",
                    "dev.tenon.formats dev.tenon.formats.npy dev.tenon.graph dev.tenon.graph.control dev.tenon.image",
                    "dev.tenon.serving dev.tenon.serving.batch dev.tenon.serving.versions dev.tenon.table",
                    "dev.tenon.tensor dev.tenon.text java.awt.image java.io java.lang.invoke java.nio java.nio.file",
                    "java.time java.util java.util.stream javax.imageio")
            .flatMap(line -> Stream.of(line.split(" ")))
            .map(name -> "import " + name + ".*; ")
            .collect(Collectors.joining("", "", "import static org.assertj.core.api.Assertions.assertThat; "));

    /** Two equal trees over age and income, of which the first is the best iteration. */
    private static final String TREE =
            "{\"default_left\":[0,0,0],\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1],"
                    + "\"split_conditions\":[30,1,2],\"split_indices\":[0,0,0]}";

    private static final String TREES =
            "{\"learner\":{\"attributes\":{\"best_iteration\":\"0\"},\"feature_names\":[\"age\",\"income\"],"
                    + "\"gradient_booster\":{\"model\":{\"tree_info\":[0,0],\"trees\":[" + TREE + "," + TREE
                    + "]},\"name\":\"gbtree\"},\"learner_model_param\":{\"base_score\":\"0\",\"num_feature\":\"2\"},"
                    + "\"objective\":{\"name\":\"reg:squarederror\"}},\"version\":[3,0,0]}";

    @TempDir
    private static Path folder;

    private static List<Block> blocks;

    /** A block between fences: its place, and the parts of {@link #BLOCK}. */
    private record Block(String place, MatchResult parts) {
        boolean isRun() {
            return !"not run".equals(parts.group(1));
        }

        /** What the whole program prints; empty if the block is none. */
        Optional<String> printed() {
            return "prints".equals(parts.group(1)) ? Optional.of(parts.group(2)) : Optional.empty();
        }

        String before() {
            return parts.group(3) == null ? "" : parts.group(3);
        }

        boolean isJava() {
            return parts.group(4).equals("java");
        }

        boolean isShell() {
            return parts.group(4).isEmpty();
        }

        String text() {
            return parts.group(5);
        }

        String className() {
            return place.replaceAll("\\W", "_");
        }

        /** The source of a class. Files that it names are in the folder of this test. */
        String source() {
            return (printed().isPresent() ? text() : method())
                    .replace("Path.of(\"", "Path.of(\"" + folder.toString().replace('\\', '/') + "/");
        }

        private String method() {
            String imports =
                    text().lines().filter(line -> line.startsWith("import ")).collect(Collectors.joining("\n"));
            String body = text().lines()
                    .filter(line -> !line.startsWith("import "))
                    .collect(Collectors.joining("\n", "\n", "\n"));
            String code = before().contains("\n...\n") ? before().replace("\n...\n", body) : before() + body;
            return imports + IMPORTS + "class " + className() + " { void run() throws Exception {" + code + "}}";
        }

        void run(ClassLoader loader) throws Exception {
            Class<?> type = loader.loadClass(className());
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            Method run = Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> method.getName().equals(printed().isPresent() ? "main" : "run"))
                    .findFirst()
                    .orElseThrow();
            run.setAccessible(true);
            Object[] arguments = {};
            if (run.getParameterCount() == 1) {
                String[] files = Stream.of(before().strip().split(" "))
                        .map(name -> folder.resolve(name).toString())
                        .toArray(String[]::new);
                arguments = new Object[] {files};
            }
            run.invoke(constructor.newInstance(), arguments);
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(Stream.of("README.md", "SECURITY.md").map(ROOT::resolve), files.sorted())
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList();
        }
    }

    @BeforeAll
    static void readAndCompile() throws IOException {
        blocks = new ArrayList<>();
        for (Path page : pages()) {
            String text = Files.readString(page);
            Matcher block = BLOCK.matcher(text);
            int comments = 0;
            while (block.find()) {
                comments += block.group(3) == null ? 0 : 1;
                long line = text.substring(0, block.start(4)).lines().count();
                blocks.add(new Block(ROOT.relativize(page) + ":" + line, block.toMatchResult()));
            }
            assertThat(text.split("<!-- java", -1))
                    .as("comments of %s right before a block", page)
                    .hasSize(comments + 1);
        }
        Map<Boolean, Map<String, String>> sources = blocks.stream()
                .filter(Block::isJava)
                .collect(Collectors.partitioningBy(
                        block -> block.printed().isPresent(), Collectors.toMap(Block::className, Block::source)));
        Path classes = folder.resolve("classes");
        JavaSources.compile(classes, sources.get(true), "-Xlint:all,-path");
        JavaSources.compile(classes, sources.get(false), "-Xlint:deprecation,removal,rawtypes,unchecked");
        assertThat(sources.get(true)).as("whole programs").hasSizeGreaterThan(2);
        assertThat(sources.get(false)).hasSizeGreaterThan(12);
    }

    @BeforeAll
    static void copyFiles() throws IOException {
        Files.copy(ROOT.resolve("samples/cli/consumer/double.onnx"), folder.resolve("double.onnx"));
        Files.copy(
                ROOT.resolve("inference-core/src/test/resources/fuzz-seeds/tokenizer-wordpiece.json"),
                folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("model.ubj"), TREES);
        PagesNetwork.write(folder);
    }

    @TestFactory
    Stream<DynamicTest> javaRuns() {
        return blocks.stream()
                .filter(block -> block.isJava() && block.isRun())
                .map(block -> DynamicTest.dynamicTest(block.place(), () -> run(block)));
    }

    private static void run(Block block) throws Exception {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        URL[] classes = {folder.resolve("classes").toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(classes, PagesTest.class.getClassLoader());
                PrintStream capture = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(capture);
            block.run(loader);
        } catch (InvocationTargetException e) {
            throw new AssertionError(block.place() + ": " + e.getCause(), e.getCause());
        } finally {
            System.setOut(out);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains(block.printed().orElse(""));
    }

    /** The commands between fences, each in one line, without comments. */
    private static List<String> commands() {
        return blocks.stream()
                .filter(Block::isShell)
                .flatMap(block -> block.text().replaceAll("\\\\\n +", "").lines())
                .map(line -> line.replaceAll(" +# .*", "").strip())
                .filter(line -> !line.isEmpty())
                .toList();
    }

    @Test
    void commandsBetweenFencesParse() {
        for (String command : commands()) {
            Matcher sample = SAMPLE.matcher(command);
            if (sample.matches() && Main.commands().containsKey(sample.group(1))) {
                String arguments = sample.group(2).strip();
                Main.commands()
                        .get(sample.group(1))
                        .usage()
                        .parse(arguments.isEmpty() ? List.of() : List.of(arguments.split(" +")));
            }
        }
    }

    @Test
    void samplesAndTheirOptionsAreThere() throws IOException {
        Set<String> frameworks =
                FrameworkSample.all().stream().map(FrameworkSample::name).collect(Collectors.toSet());
        int found = 0;
        for (Path page : pages()) {
            for (MatchResult sample :
                    SAMPLE.matcher(Files.readString(page)).results().toList()) {
                found++;
                Command command = Main.commands().get(sample.group(1));
                assertThat(command != null || frameworks.contains(sample.group(1)))
                        .as("%s of %s", sample.group(), page)
                        .isTrue();
                if (command != null) {
                    String help = command.usage().help();
                    OPTION.matcher(sample.group(2))
                            .results()
                            .forEach(option -> assertThat(help)
                                    .as("%s of %s", sample.group(), page)
                                    .contains(option.group()));
                }
            }
        }
        assertThat(found).isGreaterThan(20);
    }

    @Test
    void linksLeadToFilesAndHeadings() throws IOException {
        for (Path page : pages()) {
            for (MatchResult link :
                    LINK.matcher(Files.readString(page)).results().toList()) {
                String[] parts = link.group(1).split("#", 2);
                Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
                assertThat(file).as("%s of %s", link.group(), page).exists();
                if (parts.length == 2) {
                    Stream<String> anchors = Files.readAllLines(file).stream()
                            .filter(line -> line.startsWith("#"))
                            .map(line -> line.replaceAll("^#+ |[^\\w -]", "")
                                    .replace(' ', '-')
                                    .toLowerCase(Locale.ROOT));
                    assertThat(anchors).as("%s of %s", link.group(), page).contains(parts[1]);
                }
            }
        }
    }

    /** A line of the list is: the start of a command, an arrow, a file, a colon and a text of this file; or a command, dashes, a reason. */
    @Test
    void somethingRunsEachCommandOrTheListSaysWhyNot() throws IOException {
        List<String> lines =
                Files.readAllLines(ROOT.resolve("samples/cli/src/test/resources/pages/commands.txt")).stream()
                        .filter(line -> !line.startsWith("#"))
                        .toList();
        Set<String> unused = new HashSet<>(lines);
        for (String command : commands()) {
            List<String> fitting = lines.stream()
                    .filter(line -> command.startsWith(line.split(" (?:->|--) ", 2)[0]))
                    .toList();
            assertThat(fitting)
                    .as("lines of pages/commands.txt for: %s", command)
                    .isNotEmpty();
            fitting.forEach(unused::remove);
        }
        assertThat(unused).as("lines of pages/commands.txt for no command").isEmpty();
        for (String line : lines) {
            String[] parts = line.split(" -> ", 2);
            if (parts.length == 2) {
                String[] runner = parts[1].split(": ", 2);
                assertThat(Files.readString(ROOT.resolve(runner[0]))).as(line).contains(runner[1]);
            }
        }
    }
}
