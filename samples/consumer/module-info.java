/** A program that has Tenon on its module path. */
module dev.tenon.consumer {
    requires dev.tenon.core;
}
