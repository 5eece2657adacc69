package dev.tenon.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    private static final List<String> FAMILIES = List.of(
            "attention",
            "conv",
            "copy",
            "elementwise",
            "gemm",
            "norm",
            "pool",
            "quant",
            "recurrent",
            "reduce",
            "resize",
            "tabular");

    private static JavaClasses libraries;

    @BeforeAll
    static void importLibraries() {
        libraries = new ClassFileImporter()
                .importPaths(House.LIBRARIES.stream().map(House::classes).toList());
    }

    @Test
    void onlyTheVectorKernelsUseTheVectorApi() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("dev.tenon.kernel.vector..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector.."));
    }

    @Test
    void onlyNativeCodeCallsRestrictedMethods() {
        DescribedPredicate<AccessTarget> restricted = describe(
                "a restricted method",
                method -> RESTRICTED
                        .getOrDefault(method.getOwner().getName(), Set.of())
                        .contains(method.getName()));
        check(noClasses()
                .that()
                .resideOutsideOfPackage("dev.tenon.nativecode..")
                .should()
                .accessTargetWhere(target(restricted)));
    }

    /**
     * Expressions of users, and texts of files, are matched in time linear in the text: {@code java.util.regex} recurses and
     * backtracks. Methods of {@code String} with an expression of the library's own, which repeats no group, are no danger.
     */
    @Test
    void noLibraryUsesTheExpressionsOfTheJdk() {
        check(noClasses().should().dependOnClassesThat().resideInAPackage("java.util.regex.."));
    }

    /** But for linear algebra, and for the parser of JSON. */
    @Test
    void librariesStandOnTheJdkAlone() {
        check(classes()
                .that()
                .resideOutsideOfPackages("dev.tenon.compression.algebra..", "dev.tenon.formats.json..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "dev.tenon..", "java..", "javax.imageio..", "jdk.incubator.vector..", "jdk.jfr..")));
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
                .that()
                .resideInAPackage("dev.tenon.asm..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("dev.tenon.asm..", "java.lang..", "java.util..")));
        mayNotSee("dev.tenon.asm..", "java.lang.foreign..", "java.lang.invoke..");
    }

    @Test
    void nativeCodeSeesTheAssemblerAlone() {
        check(classes()
                .that()
                .resideInAPackage("dev.tenon.nativecode..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("dev.tenon.nativecode..", "dev.tenon.asm..", "java..")));
    }

    /** Whoever else computes with machine code would have to check sizes and keep memory alive once more. */
    @Test
    void machineCodeHasARoomOfItsOwn() {
        check(classes()
                .that()
                .resideInAPackage("dev.tenon.kernel.x64.*..")
                .should()
                .onlyHaveDependentClassesThat(
                        resideInAnyPackage("dev.tenon.kernel.x64.*..", "dev.tenon.kernel.table..")));
        check(classes()
                .that()
                .resideInAPackage("dev.tenon.kernel.x64")
                .should()
                .onlyHaveDependentClassesThat(
                        resideInAnyPackage("dev.tenon.kernel.x64..", "dev.tenon.kernel.table..")));
        mayNotSee("dev.tenon.kernel.x64..", "dev.tenon.kernel.scalar..", "dev.tenon.kernel.vector..");
        mayNotSee("dev.tenon.kernel.x64..", "dev.tenon.kernel.table..", "jdk.incubator.vector..");
        check(noClasses()
                .that()
                .resideInAPackage("dev.tenon.kernel.x64")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.tenon.kernel.x64.*.."));
    }

    @Test
    void theGraphSeesNeitherRulesNorPasses() {
        for (String inner : List.of(
                "dev.tenon.graph",
                "dev.tenon.graph.control..",
                "dev.tenon.graph.functions..",
                "dev.tenon.graph.interpret..")) {
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

    @Test
    void kernelsFormFourLayers() {
        for (String family : FAMILIES) {
            mayNotSee(
                    "dev.tenon.kernel." + family,
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
        check(noClasses()
                .that()
                .resideInAPackage("dev.tenon.kernel")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.tenon.kernel.*.."));
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
        check(noClasses().that().resideInAPackage(room).should().dependOnClassesThat(resideInAnyPackage(others)));
    }

    /** A room that is not built yet breaks no rule: ArchUnit would call the rule empty. */
    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(libraries);
    }
}
