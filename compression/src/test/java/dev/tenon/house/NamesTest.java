package dev.tenon.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Names of types, and what every package must hold. */
class NamesTest {
    private static final List<String> EMPTY_WORDS = List.of("Manager", "Helper", "Util", "Utils", "Impl");

    /** Annotations of test methods, by the engine that runs them. */
    private static final Pattern JUPITER = annotation("Test|ParameterizedTest|TestFactory|TestTemplate|RepeatedTest");

    private static final Pattern JQWIK = annotation("Property|Example");

    /** A tag: the kind of its annotation where that is spelled out, and its name. */
    private static final Pattern TAG = Pattern.compile("@([\\w.]*)Tag\\(\"(\\w+)\"\\)");

    /** Tags that no execution of the build names: one to choose tests by hand, and those by which OtherProcessorsTest and OtherJvmsTest do. */
    private static final Set<String> OTHER_TAGS = Set.of("models", "short", "widest");

    private static Pattern annotation(String names) {
        return Pattern.compile("^\\s*@(" + names + ")\\b", Pattern.MULTILINE);
    }

    @Test
    void typesAreNamedByWhatTheyAre() {
        List<String> wrong = new ArrayList<>();
        for (Path source : mainSources()) {
            String name = typeName(source);
            boolean empty = EMPTY_WORDS.stream().anyMatch(name::endsWith) || name.startsWith("Abstract");
            boolean marked = name.matches("I[A-Z][a-z].*");
            if (empty || marked || hidesJavaLang(name)) {
                wrong.add(House.root().relativize(source).toString());
            }
        }
        assertThat(wrong)
                .as("types named Manager, Helper, Util, Impl, Abstract*, I*, or like a type of java.lang")
                .isEmpty();
    }

    @Test
    void everyPackageSaysWhatLivesInIt() {
        Set<Path> packages = new TreeSet<>();
        Set<Path> documented = new TreeSet<>();
        for (Path source : mainSources()) {
            packages.add(source.getParent());
            if (typeName(source).equals("package-info")) {
                documented.add(source.getParent());
            }
        }
        packages.removeAll(documented);
        assertThat(packages).as("packages without a package-info.java").isEmpty();
    }

    /** FencesTest looks at libraries alone. The ceiling of the benchmarks is a loop of vectors that shares nothing with the library's. */
    @Test
    void vectorsOfTheJdkAreImportedByTheVectorTierAndByOneCeiling() throws IOException {
        List<String> others = new ArrayList<>();
        for (Path source : mainSources()) {
            boolean tier = source.toString().contains("/dev/tenon/kernel/vector/");
            if (!tier && Files.readString(source).contains("import jdk.incubator.vector.")) {
                others.add(typeName(source));
            }
        }
        assertThat(others).containsExactly("FmaPeak");
    }

    private static List<Path> mainSources() {
        List<Path> sources = new ArrayList<>();
        for (String module : House.MODULES) {
            for (Path file : House.files(House.root().resolve(module).resolve("src/main/java"))) {
                String name = file.getFileName().toString();
                if (name.endsWith(".java") && !name.equals("module-info.java")) {
                    sources.add(file);
                }
            }
        }
        assertThat(sources).as("main sources below %s", House.root()).isNotEmpty();
        return sources;
    }

    private static String typeName(Path source) {
        String name = source.getFileName().toString();
        return name.substring(0, name.length() - ".java".length());
    }

    private static boolean hidesJavaLang(String name) {
        return Object.class.getResource("/java/lang/" + name + ".class") != null && !name.equals("package-info");
    }

    /** Surefire runs classes whose names end in {@code Test}, Failsafe those in {@code IT}: others would never run. */
    @Test
    void everyTestIsRun() {
        List<String> lost = new ArrayList<>();
        for (Path source : testSources()) {
            String text = text(source);
            boolean holdsTests =
                    JUPITER.matcher(text).find() || JQWIK.matcher(text).find();
            boolean isRun =
                    typeName(source).endsWith("Test") || typeName(source).endsWith("IT");
            if (holdsTests && !isRun && !text.contains("abstract class " + typeName(source))) {
                lost.add(House.root().relativize(source).toString());
            }
        }
        assertThat(lost)
                .as("classes with tests whose names end neither in Test nor in IT")
                .isEmpty();
    }

    /** A tag that no execution knows may be a slip: its tests would run where they should not, or nowhere. */
    @Test
    void everyTagIsOneThatTheBuildAsksFor() {
        Set<String> known = tagsOfTheBuild();
        List<String> unknown = new ArrayList<>();
        for (Path source : testSources()) {
            for (MatchResult tag : TAG.matcher(text(source)).results().toList()) {
                if (!known.contains(tag.group(2))) {
                    unknown.add(House.root().relativize(source) + ": " + tag.group());
                }
            }
        }
        assertThat(unknown).as("tags other than %s", known).isEmpty();
    }

    /** JUnit Jupiter reads its own tags only, and jqwik its own. */
    @Test
    void tagsAreThoseOfTheEngineThatRunsTheTest() {
        List<String> wrong = new ArrayList<>();
        for (Path source : testSources()) {
            String text = text(source);
            boolean jupiter = JUPITER.matcher(text).find();
            boolean jqwik = JQWIK.matcher(text).find();
            boolean importsJqwik = text.contains("import net.jqwik.api.Tag;");
            Set<String> jupiterTags = new TreeSet<>();
            Set<String> jqwikTags = new TreeSet<>();
            for (MatchResult tag : TAG.matcher(text).results().toList()) {
                boolean ofJqwik =
                        tag.group(1).startsWith("net.jqwik") || tag.group(1).isEmpty() && importsJqwik;
                String annotated = annotated(text, tag.start());
                if (annotated.isEmpty()) {
                    (ofJqwik ? jqwikTags : jupiterTags).add(tag.group(2));
                } else if (!(ofJqwik ? JQWIK : JUPITER).matcher(annotated).find()) {
                    wrong.add(House.root().relativize(source) + ": " + tag.group() + " of a method");
                }
            }
            if (jupiter && jqwik && !jupiterTags.equals(jqwikTags)) {
                wrong.add(House.root().relativize(source) + ": " + jupiterTags + " and " + jqwikTags);
            }
        }
        assertThat(wrong)
                .as("tags that the engine which runs the test does not read")
                .isEmpty();
    }

    /** The annotations of the method that an annotation belongs to, none if it belongs to a class. */
    private static String annotated(String text, int at) {
        if (text.charAt(at - 1) == '\n') {
            return "";
        }
        int from = text.lastIndexOf("\n\n", at);
        return text.substring(from, text.indexOf(") {", at));
    }

    /** The words of all expressions by which executions of the build choose tests. */
    private static Set<String> tagsOfTheBuild() {
        Set<String> tags = new TreeSet<>(OTHER_TAGS);
        List<Path> builds = new ArrayList<>(List.of(House.root().resolve("pom.xml")));
        House.MODULES.forEach(m -> builds.add(House.root().resolve(m).resolve("pom.xml")));
        Pattern expression = Pattern.compile("<(groups|excludedGroups|tenon\\.test\\.(?:plain\\.)?excluded)>([^<]*)<");
        for (Path build : builds) {
            for (MatchResult found : expression.matcher(text(build)).results().toList()) {
                Pattern.compile("(?<![\\w.])\\w+(?![\\w.])")
                        .matcher(found.group(2).replace("&amp;", "&"))
                        .results()
                        .forEach(word -> tags.add(word.group()));
            }
        }
        return tags;
    }

    private static List<Path> testSources() {
        List<Path> sources = new ArrayList<>();
        for (String module : House.MODULES) {
            for (Path file : House.files(House.root().resolve(module).resolve("src/test/java"))) {
                if (file.getFileName().toString().endsWith(".java")) {
                    sources.add(file);
                }
            }
        }
        assertThat(sources).as("test sources below %s", House.root()).isNotEmpty();
        return sources;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
