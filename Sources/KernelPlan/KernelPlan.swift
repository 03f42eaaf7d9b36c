// KernelPlan
