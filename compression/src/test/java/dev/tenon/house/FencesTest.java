package dev.tenon.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.PackageMatcher;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which package of the libraries may see which. */
class FencesTest {
    private static final Map<String, Set<String>> RESTRICTED = Map.of(
            Linker.class.getName(), Set.of("downcallHandle", "upcallStub"),
            SymbolLookup.class.getName(), Set.of("libraryLookup"),
            MemorySegment.class.getName(), Set.of("reinterpret"),
            AddressLayout.class.getName(), Set.of("withTargetLayout"),
            ModuleLayer.Controller.class.getName(), Set.of("enableNativeAccess"),
            System.class.getName(), Set.of("load", "loadLibrary"),
            Runtime.class.getName(), Set.of("load", "loadLibrary"));

    private static final Set<String> PROCESS_WIDE = Set.of("out", "err", "setProperty", "exit", "setOut", "setErr");

    /** Rooms of {@code dev.tenon.kernel} that are no family: the tiers, and where families and tiers meet. */
    private static final Set<String> NO_FAMILIES = Set.of("scalar", "vector", "x64", "table");

    /** Packages of the JDK, and of the libraries once these are imported. */
    private static final Set<String> PACKAGES = new TreeSet<>();

    private static JavaClasses libraries;

    @BeforeAll
    static void importLibraries() {
        libraries = new ClassFileImporter()
                .importPaths(House.LIBRARIES.stream().map(House::classes).toList());
        libraries.forEach(type -> PACKAGES.add(type.getPackageName()));
        ModuleFinder.ofSystem()
                .findAll()
                .forEach(module -> PACKAGES.addAll(module.descriptor().packages()));
    }

    @Test
    void onlyTheVectorKernelsUseTheVectorApi() {
        check(noClasses()
                .that(not(in("dev.tenon.kernel.vector..")))
                .should()
                .dependOnClassesThat(in("jdk.incubator.vector..")));
    }

    @Test
    void onlyNativeCodeCallsRestrictedMethods() {
        DescribedPredicate<AccessTarget> restricted = describe(
                "a restricted method",
                method -> RESTRICTED
                        .getOrDefault(method.getOwner().getName(), Set.of())
                        .contains(method.getName()));
        check(noClasses().that(not(in("dev.tenon.nativecode.."))).should().accessTargetWhere(target(restricted)));
    }

    /**
     * Expressions of users, and texts of files, are matched in time linear in the text: {@code java.util.regex} recurses and
     * backtracks. Methods of {@code String} with an expression of the library's own, which repeats no group, are no danger.
     */
    @Test
    void noLibraryUsesTheExpressionsOfTheJdk() {
        check(noClasses().should().dependOnClassesThat(in("java.util.regex..")));
    }

    /** But for linear algebra, and for the parser of JSON. */
    @Test
    void librariesStandOnTheJdkAlone() {
        check(classes()
                .that(not(in("dev.tenon.compression.algebra..", "dev.tenon.formats.json..")))
                .should()
                .onlyDependOnClassesThat(
                        in("dev.tenon..", "java..", "javax.imageio..", "jdk.incubator.vector..", "jdk.jfr..")));
    }

    @Test
    void tensorsSeeNeitherOperatorsNorKernels() {
        mayNotSee("dev.tenon.tensor..", "dev.tenon.op..", "dev.tenon.kernel..", "dev.tenon.nativecode..");
    }

    @Test
    void operatorsSeeNeitherKernelsNorGraphs() {
        mayNotSee("dev.tenon.op..", "dev.tenon.kernel..", "dev.tenon.nativecode..", "dev.tenon.graph..");
        mayNotSee("dev.tenon.tensor..", "dev.tenon.graph..");
        mayNotSee("dev.tenon.kernel..", "dev.tenon.graph..");
    }

    @Test
    void theAssemblerSeesNothingOfTheProject() {
        check(classes()
                .that(in("dev.tenon.asm.."))
                .should()
                .onlyDependOnClassesThat(in("dev.tenon.asm..", "java.lang..", "java.util..")));
        mayNotSee("dev.tenon.asm..", "java.lang.foreign..", "java.lang.invoke..");
    }

    @Test
    void nativeCodeSeesTheAssemblerAlone() {
        check(classes()
                .that(in("dev.tenon.nativecode.."))
                .should()
                .onlyDependOnClassesThat(in("dev.tenon.nativecode..", "dev.tenon.asm..", "java..")));
    }

    /** Whoever else computes with machine code would have to check sizes and keep memory alive once more. */
    @Test
    void machineCodeHasARoomOfItsOwn() {
        check(classes()
                .that(in("dev.tenon.kernel.x64.*.."))
                .should()
                .onlyHaveDependentClassesThat(in("dev.tenon.kernel.x64.*..", "dev.tenon.kernel.table..")));
        check(classes()
                .that(in("dev.tenon.kernel.x64"))
                .should()
                .onlyHaveDependentClassesThat(in("dev.tenon.kernel.x64..", "dev.tenon.kernel.table..")));
        mayNotSee("dev.tenon.kernel.x64..", "dev.tenon.kernel.scalar..", "dev.tenon.kernel.vector..");
        mayNotSee("dev.tenon.kernel.x64..", "dev.tenon.kernel.table..", "jdk.incubator.vector..");
        check(noClasses()
                .that(in("dev.tenon.kernel.x64"))
                .should()
                .dependOnClassesThat(in("dev.tenon.kernel.x64.*..")));
    }

    @Test
    void theGraphSeesNeitherRulesNorPasses() {
        for (String inner : List.of("dev.tenon.graph", "dev.tenon.graph.control..", "dev.tenon.graph.interpret..")) {
            mayNotSee(inner, "dev.tenon.graph.rewrite..", "dev.tenon.graph.rules..", "dev.tenon.graph.pass..");
        }
        mayNotSee("dev.tenon.graph.rewrite..", "dev.tenon.graph.rules..", "dev.tenon.graph.pass..");
        mayNotSee("dev.tenon.graph.rules..", "dev.tenon.graph.pass..");
    }

    @Test
    void formatsSeeNeitherRulesNorPassesNorKernels() {
        mayNotSee(
                "dev.tenon.formats..",
                "dev.tenon.graph.rewrite..",
                "dev.tenon.graph.rules..",
                "dev.tenon.graph.pass..",
                "dev.tenon.kernel..");
    }

    @Test
    void packagesHaveNoCycle() {
        slices().matching("dev.tenon.(**)").should().beFreeOfCycles().check(libraries);
    }

    /** The words of serving see no room, runs see nobody who waits, and the core of a batcher does not know it. */
    @Test
    void servingHasRooms() {
        mayNotSee("dev.tenon.serving", "dev.tenon.serving.*..");
        mayNotSee("dev.tenon.serving.threads..", "dev.tenon.serving.batch..", "dev.tenon.serving.run..");
        mayNotSee(
                "dev.tenon.serving.run..",
                "dev.tenon.serving.batch..",
                "dev.tenon.serving.bulk..",
                "dev.tenon.serving.versions..");
        mayNotSee("dev.tenon.serving.batch..", "dev.tenon.serving.bulk..", "dev.tenon.serving.versions..");
        check(noClasses()
                .that()
                .resideInAPackage("dev.tenon.serving.batch")
                .and()
                .doNotHaveSimpleName("Batcher")
                .should()
                .dependOnClassesThat()
                .haveSimpleName("Batcher"));
    }

    /** The words of generation see no room, and rooms don't see who uses them. */
    @Test
    void generationHasRooms() {
        mayNotSee("dev.tenon.generation", "dev.tenon.generation.*..");
        mayNotSee("dev.tenon.generation.schedule..", "dev.tenon.generation.model..");
        mayNotSee("dev.tenon.generation.sample..", "dev.tenon.generation.cache..", "dev.tenon.generation.schedule..");
        mayNotSee("dev.tenon.generation.cache..", "dev.tenon.generation.sample..", "dev.tenon.generation.schedule..");
    }

    /** Each part of the core sees only those before it. A batch and the request that leads it are one part. */
    @Test
    void thePartsOfABatcherHaveNoCycle() {
        slices().assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        String name = type.getName().split("\\$", 2)[0];
                        return name.startsWith("dev.tenon.serving.batch.")
                                ? SliceIdentifier.of(name.replaceFirst("\\.Batch$", ".Request"))
                                : SliceIdentifier.ignore();
                    }

                    @Override
                    public String getDescription() {
                        return "the parts of a batcher";
                    }
                })
                .should()
                .beFreeOfCycles()
                .check(libraries);
    }

    private static List<String> families() {
        String kernel = "dev.tenon.kernel.";
        List<String> families = PACKAGES.stream()
                .filter(name -> name.startsWith(kernel))
                .filter(name ->
                        !NO_FAMILIES.contains(name.substring(kernel.length()).split("\\.")[0]))
                .toList();
        assertThat(families).contains("dev.tenon.kernel.gemm", "dev.tenon.kernel.conv");
        return families;
    }

    @Test
    void kernelsFormFourLayers() {
        for (String family : families()) {
            mayNotSee(
                    family,
                    "dev.tenon.kernel.scalar..",
                    "dev.tenon.kernel.vector..",
                    "dev.tenon.kernel.x64..",
                    "dev.tenon.kernel.table..");
        }
        mayNotSee(
                "dev.tenon.kernel.scalar..",
                "dev.tenon.kernel.vector..",
                "dev.tenon.kernel.x64..",
                "dev.tenon.kernel.table..");
        mayNotSee("dev.tenon.kernel.vector..", "dev.tenon.kernel.x64..", "dev.tenon.kernel.table..");
        check(noClasses().that(in("dev.tenon.kernel")).should().dependOnClassesThat(in("dev.tenon.kernel.*..")));
    }

    @Test
    void librariesPrintNothingAndSetNoProperty() {
        DescribedPredicate<AccessTarget> forbidden =
                describe("output of the process, its properties or its end", member -> {
                    boolean ofProcess =
                            member.getOwner().isEquivalentTo(System.class) && PROCESS_WIDE.contains(member.getName());
                    boolean trace = member.getOwner().isAssignableTo(Throwable.class)
                            && member.getName().equals("printStackTrace");
                    return ofProcess || trace;
                });
        check(noClasses().should().accessTargetWhere(target(forbidden)));
    }

    private static void mayNotSee(String room, String... others) {
        check(noClasses().that(in(room)).should().dependOnClassesThat(in(others)));
    }

    /** Fails if a rule is broken, or if it is about no class. */
    private static void check(ArchRule rule) {
        rule.check(libraries);
    }

    /**
     * Classes in packages. A fence around a package that does not exist keeps nobody out, so each name must be that of a
     * package of the libraries or of the JDK.
     */
    private static DescribedPredicate<JavaClass> in(String... packages) {
        for (String name : packages) {
            PackageMatcher matcher = PackageMatcher.of(name);
            assertThat(PACKAGES).as("packages named %s", name).anyMatch(matcher::matches);
        }
        return resideInAnyPackage(packages);
    }

    @Test
    void aFenceAroundAPackageThatDoesNotExistFails() {
        assertThatThrownBy(() -> mayNotSee("dev.tenon.graph.absent..", "dev.tenon.kernel.."))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("dev.tenon.graph.absent..");
        assertThatThrownBy(() -> mayNotSee("dev.tenon.graph..", "dev.tenon.kernel.absent"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("dev.tenon.kernel.absent");
    }

    @Test
    void restrictedMethodsExist() throws ClassNotFoundException {
        for (Map.Entry<String, Set<String>> type : RESTRICTED.entrySet()) {
            assertThat(Class.forName(type.getKey()).getMethods())
                    .extracting(Method::getName)
                    .containsAll(type.getValue());
        }
    }
}
