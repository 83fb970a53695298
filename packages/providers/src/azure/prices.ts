// Whose prices a run on Azure Functions is billed at: those of the one plan that fnmesh deploys to.

export const prices = (): "azure-flex" => "azure-flex";
